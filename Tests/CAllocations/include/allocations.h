#ifndef COSTCURVE_ALLOCATIONS_H
#define COSTCURVE_ALLOCATIONS_H

/// Whether this build counts; a sanitizer brings an allocator of its own.
int costcurve_counts_allocations(void);

/// Allocations of this process so far, by any thread and any library.
long costcurve_allocations(void);

#endif
