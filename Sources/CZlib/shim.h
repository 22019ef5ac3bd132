#ifndef COSTCURVE_CZLIB_SHIM_H
#define COSTCURVE_CZLIB_SHIM_H
/* zlib as pkg-config finds it: gzopen, gzread, gzerror, gzclose. */
#include <zlib.h>
#endif
