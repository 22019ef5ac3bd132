/* What libraries of both kinds of handles look like from outside. */
#ifndef COSTCURVE_MPI_INTERFACE_H
#define COSTCURVE_MPI_INTERFACE_H

#include "mpi_library.h"

/* The handles that are used, as words; an int's upper half is 0. */
struct mpi_handles {
  size_t world, floats, bytes, sum, errors_return;
};

/* Arguments that are no handles. */
struct mpi_constants {
  void *in_place, *status_ignore;
  /* The level of threads that is asked for, and by what a given one is divided to be 0 to 3. */
  int funneled, level_unit;
};

struct mpi_interface {
  /* Looks the functions up; the name of one that is not there, or NULL. */
  const char *(*bind)(void *library, struct mpi_handles, struct mpi_constants);
  int (*start)(int *level);
  int (*world)(int *rank, int *size);
  int (*send)(const void *, int, int, int, costcurve_mpi_request *);
  int (*receive)(void *, int, int, int, costcurve_mpi_request *);
  int (*sum)(float *, int, costcurve_mpi_request *);
  int (*gather)(const void *, int, void *, costcurve_mpi_request *);
  int (*broadcast)(void *, int, int, costcurve_mpi_request *);
  int (*barrier)(costcurve_mpi_request *);
  int (*test)(costcurve_mpi_request *, int *);
  int (*finish)(void);
  void (*abort)(int);
  int (*error)(int, char *, int *);
};

/* Libraries whose handles are pointers, and those whose handles are ints. */
extern const struct mpi_interface costcurve_mpi_of_pointers;
extern const struct mpi_interface costcurve_mpi_of_ints;

#endif
