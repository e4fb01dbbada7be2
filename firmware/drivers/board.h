/*
 * The board that the firmware is built for: addresses, registers, event lines.
 *
 * Another board is chosen with -DVPLAT_BOARD_HEADER='<vplat/pulp-ita-idma.h>'.
 */
#ifndef DRIVERS_BOARD_H
#define DRIVERS_BOARD_H

#ifndef VPLAT_BOARD_HEADER
#define VPLAT_BOARD_HEADER <vplat/pulp-ita.h>
#endif
#include VPLAT_BOARD_HEADER

/* One bit for each hart of the cluster. */
#define ALL_HARTS ((1u << VPLAT_HARTS) - 1)

#endif
