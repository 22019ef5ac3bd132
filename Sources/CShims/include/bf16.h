#ifndef COSTCURVE_BF16_H
#define COSTCURVE_BF16_H

#include "int8.h"

// What Swift has no word for: products of pairs of bfloat16 that are added up in float32, and the
// way from there to rounded bfloat16. All of it is inlined into Swift code, so it follows the flags
// of Swift's targets.
//
// A pair is one word of 32 bits, the first number in its lower half. With the instruction, products
// are added in an order of its own and subnormal numbers count as zeros; without it both numbers
// are widened in registers and multiplied and added one after the other, the second first.

#define COSTCURVE_INLINE static inline __attribute__((always_inline))

/// The larger of each two; NaN where one of them is.
COSTCURVE_INLINE costcurve_floats costcurve_larger(costcurve_floats old, costcurve_floats v) {
  return ((v > old) | (v != v)) ? v : old;
}

/// The first numbers of pairs, as float32.
COSTCURVE_INLINE costcurve_floats costcurve_first_bfloats(costcurve_ints pairs) {
  return (costcurve_floats)(pairs << 16);
}

/// The second numbers of pairs, as float32.
COSTCURVE_INLINE costcurve_floats costcurve_second_bfloats(costcurve_ints pairs) {
  return (costcurve_floats)(pairs & INT32_C(-65536));
}

/// The upper half of each, rounded to nearest even; subnormal numbers become zeros, NaN stay so.
COSTCURVE_INLINE costcurve_ints costcurve_upper_halves(costcurve_floats v) {
  costcurve_ints bits = (costcurve_ints)v;
  costcurve_ints magnitude = bits & INT32_C(0x7FFFFFFF);
  costcurve_ints rounded = bits + ((bits >> 16 & 1) + INT32_C(0x7FFF));
  rounded = (magnitude > INT32_C(0x7F800000)) ? (bits | INT32_C(0x00400000)) : rounded;
  rounded = (magnitude < INT32_C(0x00800000)) ? (bits & INT32_MIN) : rounded;
  return rounded >> 16;
}

#if COSTCURVE_INT8_LANES == 16

// ---- 512 bits ----

/// bfloat16, widened.
COSTCURVE_INLINE costcurve_floats costcurve_load_bfloats(const void *p) {
  __m512i words = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p));
  return (costcurve_floats)_mm512_slli_epi32(words, 16);
}

/// `v` between two bounds, the upper one where they contradict each other; NaN kept.
COSTCURVE_INLINE costcurve_floats costcurve_bound(costcurve_floats v, costcurve_floats least,
                                                  costcurve_floats most) {
  return (costcurve_floats)_mm512_min_ps((__m512)most, _mm512_max_ps((__m512)least, (__m512)v));
}

#if defined(__AVX512BF16__)

/// Rounds to nearest even, subnormal numbers to zeros, and writes two bytes a lane.
COSTCURVE_INLINE void costcurve_store_bfloats(void *p, costcurve_floats v) {
  _mm256_storeu_si256((__m256i *)p, (__m256i)_mm512_cvtneps_pbh((__m512)v));
}

/// The same for two vectors that lie side by side.
COSTCURVE_INLINE void costcurve_store_bfloats2(void *p, costcurve_floats a, costcurve_floats b) {
  _mm512_storeu_si512(p, (__m512i)_mm512_cvtne2ps_pbh((__m512)b, (__m512)a));
}

/// Adds to each sum the products of two pairs.
COSTCURVE_INLINE costcurve_floats costcurve_dot_bfloats(costcurve_floats sums, costcurve_ints x,
                                                        costcurve_ints w) {
  return (costcurve_floats)_mm512_dpbf16_ps((__m512)sums, (__m512bh)x, (__m512bh)w);
}

#else

/// Rounds to nearest even, subnormal numbers to zeros, and writes two bytes a lane.
COSTCURVE_INLINE void costcurve_store_bfloats(void *p, costcurve_floats v) {
  _mm256_storeu_si256((__m256i *)p, _mm512_cvtepi32_epi16((__m512i)costcurve_upper_halves(v)));
}

/// Adds to each sum the products of two pairs.
COSTCURVE_INLINE costcurve_floats costcurve_dot_bfloats(costcurve_floats sums, costcurve_ints x,
                                                        costcurve_ints w) {
  __m512 second = _mm512_fmadd_ps((__m512)costcurve_second_bfloats(x),
                                  (__m512)costcurve_second_bfloats(w), (__m512)sums);
  return (costcurve_floats)_mm512_fmadd_ps((__m512)costcurve_first_bfloats(x),
                                           (__m512)costcurve_first_bfloats(w), second);
}

#endif

#elif defined(__AVX2__) && defined(__FMA__)

// ---- 256 bits ----

/// bfloat16, widened.
COSTCURVE_INLINE costcurve_floats costcurve_load_bfloats(const void *p) {
  __m256i words = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p));
  return (costcurve_floats)_mm256_slli_epi32(words, 16);
}

/// `v` between two bounds, the upper one where they contradict each other; NaN kept.
COSTCURVE_INLINE costcurve_floats costcurve_bound(costcurve_floats v, costcurve_floats least,
                                                  costcurve_floats most) {
  return (costcurve_floats)_mm256_min_ps((__m256)most, _mm256_max_ps((__m256)least, (__m256)v));
}

/// Rounds to nearest even, subnormal numbers to zeros, and writes two bytes a lane.
COSTCURVE_INLINE void costcurve_store_bfloats(void *p, costcurve_floats v) {
  __m256i halves = (__m256i)costcurve_upper_halves(v);
  _mm_storeu_si128((__m128i *)p, _mm_packs_epi32(_mm256_castsi256_si128(halves),
                                                 _mm256_extracti128_si256(halves, 1)));
}

/// Adds to each sum the products of two pairs.
COSTCURVE_INLINE costcurve_floats costcurve_dot_bfloats(costcurve_floats sums, costcurve_ints x,
                                                        costcurve_ints w) {
  __m256 second = _mm256_fmadd_ps((__m256)costcurve_second_bfloats(x),
                                  (__m256)costcurve_second_bfloats(w), (__m256)sums);
  return (costcurve_floats)_mm256_fmadd_ps((__m256)costcurve_first_bfloats(x),
                                           (__m256)costcurve_first_bfloats(w), second);
}

#else

// ---- any other CPU ----

/// bfloat16, widened.
COSTCURVE_INLINE costcurve_floats costcurve_load_bfloats(const void *p) {
  costcurve_ints v = 0;
  for (int lane = 0; lane < COSTCURVE_INT8_LANES; lane++)
    v[lane] = (int32_t)((uint32_t)((const uint16_t *)p)[lane] << 16);
  return (costcurve_floats)v;
}

/// `v` between two bounds, the upper one where they contradict each other; NaN kept.
COSTCURVE_INLINE costcurve_floats costcurve_bound(costcurve_floats v, costcurve_floats least,
                                                  costcurve_floats most) {
  costcurve_floats raised = (v < least) ? least : v;
  return (raised > most) ? most : raised;
}

/// Rounds to nearest even, subnormal numbers to zeros, and writes two bytes a lane.
COSTCURVE_INLINE void costcurve_store_bfloats(void *p, costcurve_floats v) {
  costcurve_ints halves = costcurve_upper_halves(v);
  for (int lane = 0; lane < COSTCURVE_INT8_LANES; lane++)
    ((uint16_t *)p)[lane] = (uint16_t)halves[lane];
}

/// Adds to each sum the products of two pairs.
COSTCURVE_INLINE costcurve_floats costcurve_dot_bfloats(costcurve_floats sums, costcurve_ints x,
                                                        costcurve_ints w) {
  sums = costcurve_second_bfloats(x) * costcurve_second_bfloats(w) + sums;
  return costcurve_first_bfloats(x) * costcurve_first_bfloats(w) + sums;
}

#endif

#if !defined(__AVX512BF16__)

/// Rounds two vectors that lie side by side.
COSTCURVE_INLINE void costcurve_store_bfloats2(void *p, costcurve_floats a, costcurve_floats b) {
  costcurve_store_bfloats(p, a);
  costcurve_store_bfloats((uint16_t *)p + COSTCURVE_INT8_LANES, b);
}

#endif

/// Words of two numbers each: what two vectors round to, as their first and second numbers.
COSTCURVE_INLINE costcurve_ints costcurve_pair_floats(costcurve_floats first,
                                                      costcurve_floats second) {
  return (costcurve_upper_halves(first) & INT32_C(0xFFFF)) | (costcurve_upper_halves(second) << 16);
}

/// Words of two numbers each, of bfloat16 at two places.
COSTCURVE_INLINE costcurve_ints costcurve_pair_bfloats(const void *first, const void *second) {
  costcurve_ints low = (costcurve_ints)costcurve_load_bfloats(first) >> 16;
  return (low & INT32_C(0xFFFF)) | (costcurve_ints)costcurve_load_bfloats(second);
}

// Swift's masks have the width of what was compared: to select numbers of 16 bits and bytes by a
// comparison of 32 bits, it has generic conversions that go lane by lane. One vector instruction
// each here; so the choice is made here, too.

/// As many numbers of 16 bits as one register holds of 32.
typedef int16_t costcurve_shorts __attribute__((ext_vector_type(COSTCURVE_INT8_LANES)));
/// As many bytes as it holds numbers of 32 bits.
typedef int8_t costcurve_lane_bytes __attribute__((ext_vector_type(COSTCURVE_INT8_LANES)));

/// Replaces each of the best bfloat16 by a value that is larger or NaN, unless it is NaN itself, and its
/// position by that of the value. Bits stay as they are.
COSTCURVE_INLINE void costcurve_take_bfloats(const void *values, uint8_t position, void *best,
                                             uint8_t *positions) {
  costcurve_floats v = costcurve_load_bfloats(values);
  costcurve_floats old = costcurve_load_bfloats(best);
  costcurve_ints wins = ~(v <= old) & (old == old);
  costcurve_shorts by_short = __builtin_convertvector(wins, costcurve_shorts);
  costcurve_shorts taken, kept;
  __builtin_memcpy(&taken, values, sizeof taken);
  __builtin_memcpy(&kept, best, sizeof kept);
  kept = (taken & by_short) | (kept & ~by_short);
  __builtin_memcpy(best, &kept, sizeof kept);
  costcurve_lane_bytes by_byte = __builtin_convertvector(wins, costcurve_lane_bytes);
  costcurve_lane_bytes winner = (costcurve_lane_bytes)(int8_t)position, places;
  __builtin_memcpy(&places, positions, sizeof places);
  places = (winner & by_byte) | (places & ~by_byte);
  __builtin_memcpy(positions, &places, sizeof places);
}

/// bfloat16, widened, where the byte of a lane is `position`; zeros elsewhere.
COSTCURVE_INLINE costcurve_floats costcurve_load_bfloats_at(const void *p, const uint8_t *positions,
                                                            uint8_t position) {
  costcurve_lane_bytes winner = (costcurve_lane_bytes)(int8_t)position, places;
  __builtin_memcpy(&places, positions, sizeof places);
  costcurve_lane_bytes is_here = (costcurve_lane_bytes)(places == winner);
  costcurve_ints mask = __builtin_convertvector(is_here, costcurve_ints);
  return (costcurve_floats)((costcurve_ints)costcurve_load_bfloats(p) & mask);
}

#undef COSTCURVE_INLINE
#endif
