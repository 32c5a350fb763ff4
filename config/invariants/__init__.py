"""What must be true of the data at every moment, as read-only SQL over any table. Nothing imports it but its command.

A new invariant is a row in the module of its part; `PARTS` lists the modules. tests/invariants/ has a breach for each.
"""

from config.invariants import bills, files, game, learning, people, plumbing, reviews, sales
from config.invariants.invariant import Invariant

PARTS = (learning, sales, bills, game, reviews, people, files, plumbing)
INVARIANTS: tuple[Invariant, ...] = tuple(one for part in PARTS for one in part.INVARIANTS)
BY_CODE = {one.code: one for one in INVARIANTS}
