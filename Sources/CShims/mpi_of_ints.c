/* MPICH, and what is built on it. */
#define HANDLE int
#define FIELD number
#define INTERFACE costcurve_mpi_of_ints
#include "mpi_calls.h"
