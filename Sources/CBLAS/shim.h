#ifndef COSTCURVE_CBLAS_SHIM_H
#define COSTCURVE_CBLAS_SHIM_H
/* OpenBLAS as pkg-config finds it: cblas_sgemm, openblas_set_num_threads, openblas_get_config. */
#include <cblas.h>
#endif
