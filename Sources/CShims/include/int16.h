#ifndef COSTCURVE_INT16_H
#define COSTCURVE_INT16_H

#include "int8.h"

// What Swift has no word for: products of pairs of s16 that are added up in 32 bits. All of it is
// inlined into Swift code, so it follows the flags of Swift's targets.
//
// A pair is one word of 32 bits, the first number in its lower half.

#define COSTCURVE_INLINE static inline __attribute__((always_inline))

/// As many s16 as one register holds.
typedef int16_t costcurve_int16s __attribute__((ext_vector_type(2 * COSTCURVE_INT8_LANES)));
/// As many bytes as one register holds s16.
typedef uint8_t costcurve_int16_bytes __attribute__((ext_vector_type(2 * COSTCURVE_INT8_LANES)));

/// Bytes, widened.
COSTCURVE_INLINE costcurve_int16s costcurve_load_int16s(const uint8_t *p) {
  costcurve_int16_bytes bytes;
  __builtin_memcpy(&bytes, p, sizeof bytes);
  return __builtin_convertvector(bytes, costcurve_int16s);
}

/// Adds to each sum the products of two pairs; exact, modulo 2^32, unless all four numbers are -32768.
COSTCURVE_INLINE costcurve_ints costcurve_dot_int16s(costcurve_ints sums, costcurve_ints x,
                                                     costcurve_ints w) {
#if COSTCURVE_INT8_LANES == 16
  return sums + (costcurve_ints)_mm512_madd_epi16((__m512i)x, (__m512i)w);
#elif defined(__AVX2__)
  return sums + (costcurve_ints)_mm256_madd_epi16((__m256i)x, (__m256i)w);
#else
  costcurve_ints second = (x >> 16) * (w >> 16);
  return sums + (x << 16 >> 16) * (w << 16 >> 16) + second;
#endif
}

#undef COSTCURVE_INLINE
#endif
