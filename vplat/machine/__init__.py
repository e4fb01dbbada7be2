"""A machine in motion: board, bus, memories, clock, harts and their turns, on any engine."""
