#ifndef COSTCURVE_CBLAS_SHIM_H
#define COSTCURVE_CBLAS_SHIM_H
/* OpenBLAS's header, where Debian, Fedora and the rest put it. The library is not linked: it starts a
   thread per CPU when it is loaded, so Kernels loads it when it is first used, with these types. */
#if __has_include(<openblas-pthread/cblas.h>)
#include <openblas-pthread/cblas.h>
#elif __has_include(<openblas/cblas.h>)
#include <openblas/cblas.h>
#elif __has_include(<cblas.h>)
#include <cblas.h>
#else
#error "costcurve needs OpenBLAS: run 'make setup', or 'sudo apt-get install libopenblas-dev'"
#endif

typedef __typeof__(&cblas_sgemm) costcurve_cblas_sgemm;
typedef __typeof__(&cblas_sgemv) costcurve_cblas_sgemv;
typedef __typeof__(&openblas_set_num_threads) costcurve_openblas_set_count;
typedef __typeof__(&openblas_get_num_threads) costcurve_openblas_get_count;
typedef __typeof__(&openblas_get_config) costcurve_openblas_get_text;
#endif
