#ifndef COSTCURVE_MPI_LIBRARY_H
#define COSTCURVE_MPI_LIBRARY_H

#include <stddef.h>

/* MPI, found when the program runs: nothing of it is needed to build, to link or to start.

   Libraries differ in what a handle is. Open MPI's are pointers to objects of its own, MPICH's (and
   those of Intel MPI and MVAPICH) are ints, and those of the interface that MPI 5.0 lays down are
   pointers with fixed values. Behind these functions they are alike. All but the first three are for
   one thread, after `costcurve_mpi_start`; those that return an int return MPI's error code, 0 for
   none, unless they say otherwise. */

/// A transfer under way; all zeros where there is none.
typedef union {
  void *pointer;
  int number;
} costcurve_mpi_request;

/// Loads a library, which then answers for the rest of the process.
///
/// Returns 1 for Open MPI's interface, 2 for MPICH's, 3 for that of MPI 5.0, or 0 with the reason in
/// `why`, a clause of at most `capacity - 1` bytes.
int costcurve_mpi_load(const char *path, char *why, size_t capacity);
/// What the library says of itself, its first line; empty before one is loaded.
const char *costcurve_mpi_version(void);
/// The library's file; NULL before one is loaded.
const char *costcurve_mpi_file(void);

/// Joins the job, for calls from this thread alone among several; `level` becomes 0 for a library that
/// takes no other threads at all, else 1 to 3. Errors are returned from then on.
int costcurve_mpi_start(int *level);
/// This process's number, and how many there are.
int costcurve_mpi_world(int *rank, int *size);
/// Starts to send bytes to a rank, which must stay as they are until the transfer has ended.
int costcurve_mpi_send(const void *bytes, int count, int rank, int tag,
                       costcurve_mpi_request *request);
/// Starts to receive as many bytes from a rank.
int costcurve_mpi_receive(void *bytes, int count, int rank, int tag,
                          costcurve_mpi_request *request);
/// Starts to replace floats by their sums over all ranks.
int costcurve_mpi_sum(float *values, int count, costcurve_mpi_request *request);
/// Starts to collect `count` bytes of every rank, in the order of ranks.
int costcurve_mpi_gather(const void *own, int count, void *all, costcurve_mpi_request *request);
/// Starts to replace bytes by those of a rank.
int costcurve_mpi_broadcast(void *bytes, int count, int rank, costcurve_mpi_request *request);
/// Starts to wait until all ranks do.
int costcurve_mpi_barrier(costcurve_mpi_request *request);
/// Says whether a transfer has ended, and lets the library move on all that are under way.
int costcurve_mpi_test(costcurve_mpi_request *request, int *is_done);
/// Leaves the job in good order; all ranks have to.
int costcurve_mpi_finish(void);
/// Ends all ranks of the job. May not return, or may hang where the way to the launcher is cut.
void costcurve_mpi_abort(int code);
/// The text of an error code, of at most `capacity - 1` bytes.
void costcurve_mpi_error(int code, char *text, size_t capacity);

#endif
