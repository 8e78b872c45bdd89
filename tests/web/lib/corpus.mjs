// SPDX-License-Identifier: GPL-3.0-or-later
//
// Hostile HTML. Each piece tries to run something or to load `canary`. Each is a message of its own: in one
// message together, an unclosed element would hide those after it.

export const CORPUS = (canary) => [
  '<script>parent.pwned=1;window.pwned=1;alert(1)</script>',
  `<script src="${canary}/script.js"></script>`,
  `<img src="${canary}/pixel.png">`,
  `<img src="${canary}/set.png" srcset="${canary}/set2.png 2x" lowsrc="${canary}/low.png">`,
  `<img src="x" onerror="fetch('${canary}/onerror');parent.pwned=1">`,
  `<img src="data:image/svg+xml;base64,${Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><image href="${canary}/svg-in-data"/></svg>`).toString('base64')}">`,
  `<svg onload="alert(1)"><image href="${canary}/svg"/><use href="${canary}/use#a"/><script>alert(1)</script></svg>`,
  `<math><mtext><table><mglyph><style><img src=x onerror="alert(1)"></style></mglyph></table></mtext></math>`,
  `<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">`,
  `<form action="${canary}/form"><input type="image" src="${canary}/input.png"><button formaction="javascript:alert(1)">x</button></form>`,
  `<iframe src="${canary}/iframe"></iframe><iframe srcdoc="<script>parent.parent.pwned=1</script>"></iframe>`,
  `<object data="${canary}/object"></object><embed src="${canary}/embed">`,
  `<video poster="${canary}/poster.png" src="${canary}/video.mp4" autoplay></video><audio src="${canary}/audio.mp3" autoplay></audio>`,
  `<link rel="stylesheet" href="${canary}/style.css"><link rel="prefetch" href="${canary}/prefetch"><link rel="dns-prefetch" href="${canary}">`,
  `<style>@import url("${canary}/import.css"); body{background:url("${canary}/css.png")} @font-face{font-family:x;src:url("${canary}/font.woff")}</style>`,
  `<div style="background-image:url('${canary}/inline-style.png');position:fixed;inset:0">x</div>`,
  `<table background="${canary}/table-background.png"><tr><td background="${canary}/td.png">x</td></tr></table>`,
  `<body background="${canary}/body.png" onload="alert(1)">`,
  `<meta http-equiv="refresh" content="0;url=${canary}/refresh"><base href="${canary}/">`,
  '<a href="javascript:alert(1)">klick</a><a href="data:text/html,<script>alert(1)</script>">klick</a>',
  `<a href="${canary}/link" ping="${canary}/ping" target="_top">Angebot</a>`,
  '<a href="jav&#x09;ascript:alert(1)">klick</a><a href="\u0001javascript:alert(1)">klick</a>',
  '<details open ontoggle="alert(1)"><summary>x</summary></details><marquee onstart="alert(1)">x</marquee>',
  '<input autofocus onfocus="alert(1)"><select autofocus onfocus="alert(1)"></select><textarea autofocus onfocus="alert(1)"></textarea>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
  '<template><script>alert(1)</script></template><div><template shadowrootmode="open"><script>alert(1)</script></template></div>',
  '<p id="location" name="cookie">x</p><form id="document"></form><img name="getElementById">',
  `<picture><source srcset="${canary}/source.png"><img alt="x"></picture>`,
  `<div onmouseover="alert(1)" onanimationstart="alert(1)">x</div><xmp><img src=x onerror=alert(1)></xmp>`,
  '<img src="https&#58;//127.0.0.1/x"><img src="//127.0.0.1/protocol-relative"><img src=" data:text/html,<script>alert(1)</script>">',
  '<plaintext><script>alert(1)</script>',
];
