#define _GNU_SOURCE
#include "mpi_library.h"

#include "mpi_interface.h"
#include "shims.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

enum { is_open_mpi = 1, is_mpich = 2, is_standard = 3 };

static const struct mpi_interface *mpi;
/* As long as the longest that a library may give, Open MPI's 256 and MPICH's 8192. */
static char version[8193];
static const void *known_function;

/* Open MPI's handles are the addresses of its objects. */
static const char *find_objects(void *library, struct mpi_handles *handles) {
  struct {
    size_t *word;
    const char *name;
  } objects[] = {
      {&handles->world, "ompi_mpi_comm_world"},      {&handles->floats, "ompi_mpi_float"},
      {&handles->bytes, "ompi_mpi_byte"},            {&handles->sum, "ompi_mpi_op_sum"},
      {&handles->errors_return, "ompi_mpi_errors_return"},
  };
  for (size_t index = 0; index < sizeof objects / sizeof *objects; index++) {
    *objects[index].word = (size_t)dlsym(library, objects[index].name);
    if (*objects[index].word == 0) return objects[index].name;
  }
  return NULL;
}

/* The interface of a library, by what it has and says: 0 for one that is not known. */
static int interface_of(void *library) {
  int (*standard)(int *, int *) = NULL;
  *(void **)&standard = dlsym(library, "MPI_Abi_get_version");
  int major = -1, minor = -1;
  /* A library that has the function but another interface gives -1. */
  if (standard != NULL && standard(&major, &minor) == 0 && major >= 1) return is_standard;
  if (dlsym(library, "ompi_mpi_comm_world") != NULL) return is_open_mpi;
  const char *others[] = {"MPICH", "Intel(R) MPI", "MVAPICH"};
  for (size_t index = 0; index < sizeof others / sizeof *others; index++)
    if (strstr(version, others[index]) != NULL) return is_mpich;
  return 0;
}

/* The name of what the library lacks, or NULL once its calls can be made. */
static const char *take(void *library, int kind) {
  struct mpi_handles handles = {0};
  struct mpi_constants constants = {
      .in_place = (void *)1, .status_ignore = NULL, .funneled = 1, .level_unit = 1};
  switch (kind) {
    case is_open_mpi: {
      const char *missing = find_objects(library, &handles);
      if (missing != NULL) return missing;
      break;
    }
    case is_mpich:
      /* Fixed for all versions since MPICH 3.1: the ABI initiative of MPICH, Intel, Cray and others. */
      handles = (struct mpi_handles){.world = 0x44000000,
                                     .floats = 0x4c00040a,
                                     .bytes = 0x4c00010d,
                                     .sum = 0x58000003,
                                     .errors_return = 0x54000001};
      constants.in_place = (void *)-1;
      constants.status_ignore = (void *)1;
      break;
    default:
      /* MPI 5.0, the appendix on its binary interface. */
      handles = (struct mpi_handles){.world = 0x101,
                                     .floats = 0x210,
                                     .bytes = 0x247,
                                     .sum = 0x21,
                                     .errors_return = 0x143};
      constants.funneled = constants.level_unit = 1024;
  }
  const struct mpi_interface *found =
      kind == is_mpich ? &costcurve_mpi_of_ints : &costcurve_mpi_of_pointers;
  const char *missing = found->bind(library, handles, constants);
  if (missing == NULL) mpi = found;
  return missing;
}

int costcurve_mpi_load(const char *path, char *why, size_t capacity) {
  /* Open MPI's plug-ins look for its symbols among those of the whole process. */
  void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  if (library == NULL) {
    snprintf(why, capacity, "%s", dlerror());
    return 0;
  }
  int (*describe)(char *, int *) = NULL;
  *(void **)&describe = dlsym(library, "MPI_Get_library_version");
  int length = 0;
  if (describe == NULL || describe(version, &length) != 0) {
    snprintf(why, capacity, "it does not say what MPI it is");
    version[0] = 0;
  } else {
    version[strcspn(version, "\n")] = 0;
    int kind = interface_of(library);
    const char *missing = kind == 0 ? NULL : take(library, kind);
    if (kind != 0 && missing == NULL) {
      known_function = (const void *)describe;
      return kind;
    }
    if (kind == 0) {
      snprintf(why, capacity, "its binary interface is not known: %.200s", version);
    } else {
      snprintf(why, capacity, "it lacks %s: %.200s", missing, version);
    }
    version[0] = 0;
  }
  dlclose(library);
  return 0;
}

const char *costcurve_mpi_version(void) { return version; }

const char *costcurve_mpi_file(void) {
  return known_function == NULL ? NULL : costcurve_file_of(known_function);
}

int costcurve_mpi_start(int *level) { return mpi->start(level); }

int costcurve_mpi_world(int *rank, int *size) { return mpi->world(rank, size); }

int costcurve_mpi_send(const void *bytes, int count, int rank, int tag,
                       costcurve_mpi_request *request) {
  return mpi->send(bytes, count, rank, tag, request);
}

int costcurve_mpi_receive(void *bytes, int count, int rank, int tag,
                          costcurve_mpi_request *request) {
  return mpi->receive(bytes, count, rank, tag, request);
}

int costcurve_mpi_sum(float *values, int count, costcurve_mpi_request *request) {
  return mpi->sum(values, count, request);
}

int costcurve_mpi_gather(const void *own, int count, void *all, costcurve_mpi_request *request) {
  return mpi->gather(own, count, all, request);
}

int costcurve_mpi_broadcast(void *bytes, int count, int rank, costcurve_mpi_request *request) {
  return mpi->broadcast(bytes, count, rank, request);
}

int costcurve_mpi_barrier(costcurve_mpi_request *request) { return mpi->barrier(request); }

int costcurve_mpi_test(costcurve_mpi_request *request, int *is_done) {
  return mpi->test(request, is_done);
}

int costcurve_mpi_finish(void) { return mpi->finish(); }

void costcurve_mpi_abort(int code) { mpi->abort(code); }

void costcurve_mpi_error(int code, char *text, size_t capacity) {
  /* As long as the longest that a library may give. */
  char full[1024] = "";
  int length = 0;
  if (mpi->error(code, full, &length) != 0) snprintf(full, sizeof full, "error %d", code);
  snprintf(text, capacity, "%s", full);
}
