/* A count of tiles does not fit its field. */
#include "seeded.h"

void lead(void)
{
    ita_open();
    VPLAT_ITA->tiles = 1u << ITA_TILES_TILE_S_SHIFT | 17u << ITA_TILES_TILE_F_SHIFT; /* BUG */
}
