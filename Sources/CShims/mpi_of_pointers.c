/* Open MPI, and the interface of MPI 5.0. */
#define HANDLE void *
#define FIELD pointer
#define INTERFACE costcurve_mpi_of_pointers
#include "mpi_calls.h"
