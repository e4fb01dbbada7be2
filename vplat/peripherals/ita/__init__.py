"""ITA, the integer transformer accelerator of ETH Zurich and the University of Bologna."""
