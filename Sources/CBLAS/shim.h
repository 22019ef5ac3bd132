#ifndef COSTCURVE_CBLAS_SHIM_H
#define COSTCURVE_CBLAS_SHIM_H
/* OpenBLAS as pkg-config finds it: cblas_sgemm, openblas_set_num_threads, openblas_get_config. */
#if !__has_include(<cblas.h>)
#error "costcurve needs OpenBLAS: run 'make setup', or 'sudo apt-get install libopenblas-dev pkg-config'"
#endif
#include <cblas.h>
#endif
