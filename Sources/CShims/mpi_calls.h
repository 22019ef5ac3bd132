/* The calls, written once for both kinds of handles. Whoever includes this has defined

     HANDLE      the type of a handle
     FIELD       the member of a request that is one
     INTERFACE   the name of the interface that comes out

   and MPI's functions are called by the types that they have. */

#include "mpi_interface.h"

#include <dlfcn.h>

static struct {
  HANDLE world;
  HANDLE floats;
  HANDLE bytes;
  HANDLE sum;
  HANDLE errors_return;
  struct mpi_constants constants;
  int (*Init_thread)(int *, char ***, int, int *);
  int (*Finalize)(void);
  int (*Comm_rank)(HANDLE, int *);
  int (*Comm_size)(HANDLE, int *);
  int (*Comm_set_errhandler)(HANDLE, HANDLE);
  int (*Isend)(const void *, int, HANDLE, int, int, HANDLE, HANDLE *);
  int (*Irecv)(void *, int, HANDLE, int, int, HANDLE, HANDLE *);
  int (*Iallreduce)(const void *, void *, int, HANDLE, HANDLE, HANDLE, HANDLE *);
  int (*Iallgather)(const void *, int, HANDLE, void *, int, HANDLE, HANDLE, HANDLE *);
  int (*Ibcast)(void *, int, HANDLE, int, HANDLE, HANDLE *);
  int (*Ibarrier)(HANDLE, HANDLE *);
  int (*Test)(HANDLE *, int *, void *);
  int (*Abort)(HANDLE, int);
  int (*Error_string)(int, char *, int *);
} mpi;

static const char *bind_calls(void *library, struct mpi_handles handles,
                              struct mpi_constants constants) {
  mpi.world = (HANDLE)handles.world;
  mpi.floats = (HANDLE)handles.floats;
  mpi.bytes = (HANDLE)handles.bytes;
  mpi.sum = (HANDLE)handles.sum;
  mpi.errors_return = (HANDLE)handles.errors_return;
  mpi.constants = constants;
#define FIND(NAME)                                                                                \
  if ((*(void **)&mpi.NAME = dlsym(library, "MPI_" #NAME)) == NULL) return "MPI_" #NAME;
  FIND(Init_thread)
  FIND(Finalize)
  FIND(Comm_rank)
  FIND(Comm_size)
  FIND(Comm_set_errhandler)
  FIND(Isend)
  FIND(Irecv)
  FIND(Iallreduce)
  FIND(Iallgather)
  FIND(Ibcast)
  FIND(Ibarrier)
  FIND(Test)
  FIND(Abort)
  FIND(Error_string)
#undef FIND
  return NULL;
}

static int start(int *level) {
  int given = 0;
  int code = mpi.Init_thread(NULL, NULL, mpi.constants.funneled, &given);
  *level = given / mpi.constants.level_unit;
  if (*level > 3) *level = 3;
  return code != 0 ? code : mpi.Comm_set_errhandler(mpi.world, mpi.errors_return);
}

static int world(int *rank, int *size) {
  int code = mpi.Comm_rank(mpi.world, rank);
  return code != 0 ? code : mpi.Comm_size(mpi.world, size);
}

static int send_bytes(const void *bytes, int count, int rank, int tag,
                      costcurve_mpi_request *request) {
  return mpi.Isend(bytes, count, mpi.bytes, rank, tag, mpi.world, &request->FIELD);
}

static int receive_bytes(void *bytes, int count, int rank, int tag,
                         costcurve_mpi_request *request) {
  return mpi.Irecv(bytes, count, mpi.bytes, rank, tag, mpi.world, &request->FIELD);
}

static int sum_floats(float *values, int count, costcurve_mpi_request *request) {
  return mpi.Iallreduce(mpi.constants.in_place, values, count, mpi.floats, mpi.sum, mpi.world,
                        &request->FIELD);
}

static int gather_bytes(const void *own, int count, void *all, costcurve_mpi_request *request) {
  return mpi.Iallgather(own, count, mpi.bytes, all, count, mpi.bytes, mpi.world,
                        &request->FIELD);
}

static int broadcast_bytes(void *bytes, int count, int rank, costcurve_mpi_request *request) {
  return mpi.Ibcast(bytes, count, mpi.bytes, rank, mpi.world, &request->FIELD);
}

static int barrier(costcurve_mpi_request *request) {
  return mpi.Ibarrier(mpi.world, &request->FIELD);
}

static int test(costcurve_mpi_request *request, int *is_done) {
  return mpi.Test(&request->FIELD, is_done, mpi.constants.status_ignore);
}

static int finish(void) { return mpi.Finalize(); }

static void abort_all(int code) { mpi.Abort(mpi.world, code); }

static int error_text(int code, char *text, int *length) {
  return mpi.Error_string(code, text, length);
}

const struct mpi_interface INTERFACE = {
    .bind = bind_calls,
    .start = start,
    .world = world,
    .send = send_bytes,
    .receive = receive_bytes,
    .sum = sum_floats,
    .gather = gather_bytes,
    .broadcast = broadcast_bytes,
    .barrier = barrier,
    .test = test,
    .finish = finish,
    .abort = abort_all,
    .error = error_text,
};
