"""What a machine that stands still was about: endless polls, sleep, interrupts, crashes.

A run that ends well needs none of it, so whoever does imports it at that moment.
"""

from __future__ import annotations
