# SPDX-License-Identifier: GPL-3.0-or-later
# The decision: rule, ladder, and the reading of received mail.
foreach(name history-judge mail-judgement own-words policy-matrix reactive-rule reactive-rule-consent reactive-rule-opt-out rule-cases)
  sgp_unit_test(${name})
endforeach()
