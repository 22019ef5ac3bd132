#ifndef COSTCURVE_INT8_H
#define COSTCURVE_INT8_H

#include <stdint.h>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

// What Swift has no word for: products of bytes that are added up in 32 bits, and the way from
// there to rounded bytes. All of it is inlined into Swift code, so it follows the flags of Swift's
// targets.

#define COSTCURVE_INLINE static inline __attribute__((always_inline))

#if defined(__AVX512F__) && defined(__AVX512BW__)
#define COSTCURVE_INT8_LANES 16
#elif defined(__aarch64__)
#define COSTCURVE_INT8_LANES 4
#else
#define COSTCURVE_INT8_LANES 8
#endif

/// As many s32 as one register holds; also as many quads of bytes.
typedef int32_t costcurve_ints __attribute__((ext_vector_type(COSTCURVE_INT8_LANES)));
/// As many float32.
typedef float costcurve_floats __attribute__((ext_vector_type(COSTCURVE_INT8_LANES)));

/// As many bytes.
typedef uint8_t costcurve_bytes __attribute__((ext_vector_type(4 * COSTCURVE_INT8_LANES)));

/// The larger of each two bytes.
COSTCURVE_INLINE costcurve_bytes costcurve_max_bytes(costcurve_bytes a, costcurve_bytes b) {
  return __builtin_elementwise_max(a, b);
}

/// How steps from a zero point become bytes.
typedef struct {
  /// The zero point, which is added.
  int16_t zero;
  /// The smallest byte that is stored.
  uint8_t least;
  /// The largest byte that is stored.
  uint8_t most;
  /// Whether the zero point is 0 and all bytes are stored, as behind a ReLU.
  uint8_t is_plain;
} costcurve_byte_range;

/// `v` as float32, rounded to nearest even.
COSTCURVE_INLINE costcurve_floats costcurve_to_floats(costcurve_ints v) {
  return __builtin_convertvector(v, costcurve_floats);
}

#if COSTCURVE_INT8_LANES == 16

// ---- 512 bits ----

/// Bytes, widened.
COSTCURVE_INLINE costcurve_ints costcurve_load_bytes(const uint8_t *p) {
  return (costcurve_ints)_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p));
}

/// `v` between two bounds; NaN is the lower one.
COSTCURVE_INLINE costcurve_floats costcurve_clamp(costcurve_floats v, costcurve_floats least,
                                                  costcurve_floats most) {
  return (costcurve_floats)_mm512_min_ps(_mm512_max_ps((__m512)v, (__m512)least), (__m512)most);
}

/// The whole number next to each, of two equally near the even one.
COSTCURVE_INLINE costcurve_floats costcurve_round(costcurve_floats v) {
  return (costcurve_floats)_mm512_roundscale_ps(
      (__m512)v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/// Rounds steps, each below 2^31, adds the zero point, saturates, and writes one byte a lane.
COSTCURVE_INLINE void costcurve_store_bytes(uint8_t *p, costcurve_floats v,
                                            costcurve_byte_range range) {
  __m256i words = _mm512_cvtsepi32_epi16(_mm512_cvtps_epi32((__m512)v));
  words = _mm256_adds_epi16(words, _mm256_set1_epi16(range.zero));
  __m128i bytes =
      _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  bytes = _mm_max_epu8(bytes, _mm_set1_epi8((char)range.least));
  _mm_storeu_si128((__m128i *)p, _mm_min_epu8(bytes, _mm_set1_epi8((char)range.most)));
}

/// The same for four vectors that lie side by side.
COSTCURVE_INLINE void costcurve_store_bytes4(uint8_t *p, costcurve_floats a, costcurve_floats b,
                                             costcurve_floats c, costcurve_floats d,
                                             costcurve_byte_range range) {
  __m512i ab = _mm512_packs_epi32(_mm512_cvtps_epi32((__m512)a), _mm512_cvtps_epi32((__m512)b));
  __m512i cd = _mm512_packs_epi32(_mm512_cvtps_epi32((__m512)c), _mm512_cvtps_epi32((__m512)d));
  // Packing goes by 128 bits: each of these holds four bytes of a, b, c and d in turn.
  __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  if (range.is_plain) {
    _mm512_storeu_si512(p, _mm512_permutexvar_epi32(order, _mm512_packus_epi16(ab, cd)));
    return;
  }
  __m512i zero = _mm512_set1_epi16(range.zero);
  __m512i bytes = _mm512_packus_epi16(_mm512_adds_epi16(ab, zero), _mm512_adds_epi16(cd, zero));
  bytes = _mm512_permutexvar_epi32(order, bytes);
  bytes = _mm512_max_epu8(bytes, _mm512_set1_epi8((char)range.least));
  _mm512_storeu_si512(p, _mm512_min_epu8(bytes, _mm512_set1_epi8((char)range.most)));
}

/// `sums + x · w` for bytes and weights that are widened to 32 bits.
COSTCURVE_INLINE costcurve_ints costcurve_add_products(costcurve_ints sums, costcurve_ints x,
                                                       costcurve_ints w) {
  return sums + (costcurve_ints)_mm512_madd_epi16((__m512i)x, (__m512i)w);
}

#if defined(__AVX512VNNI__)

/// Adds to each sum the products of four u8 and four s8; exact, modulo 2^32.
COSTCURVE_INLINE costcurve_ints costcurve_dot(costcurve_ints sums, costcurve_ints u,
                                              costcurve_ints s) {
  return (costcurve_ints)_mm512_dpbusd_epi32((__m512i)sums, (__m512i)u, (__m512i)s);
}

#else

/// The u8 at even places of each word, in 16 bits each.
COSTCURVE_INLINE costcurve_ints costcurve_even_bytes(costcurve_ints u) {
  return (costcurve_ints)_mm512_and_si512((__m512i)u, _mm512_set1_epi16(255));
}

/// The u8 at odd places of each word, in 16 bits each.
COSTCURVE_INLINE costcurve_ints costcurve_odd_bytes(costcurve_ints u) {
  return (costcurve_ints)_mm512_srli_epi16((__m512i)u, 8);
}

/// Adds to each sum the products of four u8 and four s8, all of them widened to 16 bits: those at
/// even places, and those at odd ones; exact, modulo 2^32, as nothing saturates.
COSTCURVE_INLINE costcurve_ints costcurve_dot_split(costcurve_ints sums, costcurve_ints even_u,
                                                    costcurve_ints odd_u, costcurve_ints even_s,
                                                    costcurve_ints odd_s) {
  __m512i even = _mm512_madd_epi16((__m512i)even_u, (__m512i)even_s);
  __m512i odd = _mm512_madd_epi16((__m512i)odd_u, (__m512i)odd_s);
  return sums + (costcurve_ints)even + (costcurve_ints)odd;
}

/// Adds to each sum the products of four u8 and four s8, in one step less; exact, modulo 2^32, where
/// 255 times the sum of two neighbouring s8 fits 16 bits.
COSTCURVE_INLINE costcurve_ints costcurve_dot_pairs(costcurve_ints sums, costcurve_ints u,
                                                    costcurve_ints s) {
  return sums + (costcurve_ints)_mm512_madd_epi16(
                    _mm512_maddubs_epi16((__m512i)u, (__m512i)s), _mm512_set1_epi16(1));
}

#endif

#elif defined(__AVX2__)

// ---- 256 bits ----

/// Bytes, widened.
COSTCURVE_INLINE costcurve_ints costcurve_load_bytes(const uint8_t *p) {
  return (costcurve_ints)_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p));
}

/// `v` between two bounds; NaN is the lower one.
COSTCURVE_INLINE costcurve_floats costcurve_clamp(costcurve_floats v, costcurve_floats least,
                                                  costcurve_floats most) {
  return (costcurve_floats)_mm256_min_ps(_mm256_max_ps((__m256)v, (__m256)least), (__m256)most);
}

/// The whole number next to each, of two equally near the even one.
COSTCURVE_INLINE costcurve_floats costcurve_round(costcurve_floats v) {
  return (costcurve_floats)_mm256_round_ps(
      (__m256)v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/// Rounds steps, each below 2^31, adds the zero point, saturates, and writes one byte a lane.
COSTCURVE_INLINE void costcurve_store_bytes(uint8_t *p, costcurve_floats v,
                                            costcurve_byte_range range) {
  __m256i ints = _mm256_cvtps_epi32((__m256)v);
  __m128i words =
      _mm_packs_epi32(_mm256_castsi256_si128(ints), _mm256_extracti128_si256(ints, 1));
  words = _mm_adds_epi16(words, _mm_set1_epi16(range.zero));
  __m128i bytes = _mm_max_epu8(_mm_packus_epi16(words, words), _mm_set1_epi8((char)range.least));
  _mm_storel_epi64((__m128i *)p, _mm_min_epu8(bytes, _mm_set1_epi8((char)range.most)));
}

/// The same for two vectors that lie side by side.
COSTCURVE_INLINE void costcurve_store_bytes2(uint8_t *p, costcurve_floats a, costcurve_floats b,
                                             costcurve_byte_range range) {
  __m256i words =
      _mm256_packs_epi32(_mm256_cvtps_epi32((__m256)a), _mm256_cvtps_epi32((__m256)b));
  words = _mm256_adds_epi16(words, _mm256_set1_epi16(range.zero));
  // Packing goes by 128 bits: four bytes of a and b in turn.
  __m128i bytes = _mm_shuffle_epi32(
      _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)),
      _MM_SHUFFLE(3, 1, 2, 0));
  bytes = _mm_max_epu8(bytes, _mm_set1_epi8((char)range.least));
  _mm_storeu_si128((__m128i *)p, _mm_min_epu8(bytes, _mm_set1_epi8((char)range.most)));
}

/// `sums + x · w` for bytes and weights that are widened to 32 bits.
COSTCURVE_INLINE costcurve_ints costcurve_add_products(costcurve_ints sums, costcurve_ints x,
                                                       costcurve_ints w) {
  return sums + (costcurve_ints)_mm256_madd_epi16((__m256i)x, (__m256i)w);
}

#if defined(__AVXVNNI__)

/// Adds to each sum the products of four u8 and four s8; exact, modulo 2^32.
COSTCURVE_INLINE costcurve_ints costcurve_dot(costcurve_ints sums, costcurve_ints u,
                                              costcurve_ints s) {
  return (costcurve_ints)_mm256_dpbusd_avx_epi32((__m256i)sums, (__m256i)u, (__m256i)s);
}

#else

/// The u8 at even places of each word, in 16 bits each.
COSTCURVE_INLINE costcurve_ints costcurve_even_bytes(costcurve_ints u) {
  return (costcurve_ints)_mm256_and_si256((__m256i)u, _mm256_set1_epi16(255));
}

/// The u8 at odd places of each word, in 16 bits each.
COSTCURVE_INLINE costcurve_ints costcurve_odd_bytes(costcurve_ints u) {
  return (costcurve_ints)_mm256_srli_epi16((__m256i)u, 8);
}

/// Adds to each sum the products of four u8 and four s8, all of them widened to 16 bits: those at
/// even places, and those at odd ones; exact, modulo 2^32, as nothing saturates.
COSTCURVE_INLINE costcurve_ints costcurve_dot_split(costcurve_ints sums, costcurve_ints even_u,
                                                    costcurve_ints odd_u, costcurve_ints even_s,
                                                    costcurve_ints odd_s) {
  __m256i even = _mm256_madd_epi16((__m256i)even_u, (__m256i)even_s);
  __m256i odd = _mm256_madd_epi16((__m256i)odd_u, (__m256i)odd_s);
  return sums + (costcurve_ints)even + (costcurve_ints)odd;
}

/// Adds to each sum the products of four u8 and four s8, in one step less; exact, modulo 2^32, where
/// 255 times the sum of two neighbouring s8 fits 16 bits.
COSTCURVE_INLINE costcurve_ints costcurve_dot_pairs(costcurve_ints sums, costcurve_ints u,
                                                    costcurve_ints s) {
  return sums + (costcurve_ints)_mm256_madd_epi16(
                    _mm256_maddubs_epi16((__m256i)u, (__m256i)s), _mm256_set1_epi16(1));
}

#endif

#else

// ---- any other CPU ----

/// Bytes, widened.
COSTCURVE_INLINE costcurve_ints costcurve_load_bytes(const uint8_t *p) {
  costcurve_ints v = 0;
  for (int lane = 0; lane < COSTCURVE_INT8_LANES; lane++) v[lane] = p[lane];
  return v;
}

/// `v` between two bounds; NaN is the lower one.
COSTCURVE_INLINE costcurve_floats costcurve_clamp(costcurve_floats v, costcurve_floats least,
                                                  costcurve_floats most) {
  costcurve_floats above = v > least ? v : least;
  return above < most ? above : most;
}

/// The whole number next to each, of two equally near the even one.
COSTCURVE_INLINE costcurve_floats costcurve_round(costcurve_floats v) {
  return __builtin_elementwise_roundeven(v);
}

/// Rounds steps, adds the zero point, saturates, and writes one byte a lane.
COSTCURVE_INLINE void costcurve_store_bytes(uint8_t *p, costcurve_floats v,
                                            costcurve_byte_range range) {
  costcurve_floats least = (float)(range.least - range.zero);
  costcurve_floats most = (float)(range.most - range.zero);
  costcurve_ints whole = __builtin_convertvector(
      costcurve_round(costcurve_clamp(v, least, most)), costcurve_ints);
  for (int lane = 0; lane < COSTCURVE_INT8_LANES; lane++)
    p[lane] = (uint8_t)(whole[lane] + range.zero);
}

/// `sums + x · w` for bytes and weights that are widened to 32 bits.
COSTCURVE_INLINE costcurve_ints costcurve_add_products(costcurve_ints sums, costcurve_ints x,
                                                       costcurve_ints w) {
  return sums + x * w;
}

/// Adds to each sum the products of four u8 and four s8; exact, modulo 2^32.
COSTCURVE_INLINE costcurve_ints costcurve_dot(costcurve_ints sums, costcurve_ints u,
                                              costcurve_ints s) {
  costcurve_ints third = (u >> 16 & 255) * (s << 8 >> 24);
  costcurve_ints fourth = (u >> 24 & 255) * (s >> 24);
  return sums + (u & 255) * (s << 24 >> 24) + (u >> 8 & 255) * (s << 16 >> 24) + third + fourth;
}

#endif

/// Bytes less a zero point, as float32.
COSTCURVE_INLINE costcurve_floats costcurve_load_steps(const uint8_t *p, int32_t zero) {
  return costcurve_to_floats(costcurve_load_bytes(p) - zero);
}

/// `sums` and the bytes at `p`.
COSTCURVE_INLINE costcurve_ints costcurve_add_bytes(costcurve_ints sums, const uint8_t *p) {
  return sums + costcurve_load_bytes(p);
}

/// `sums - offset`, as float32.
COSTCURVE_INLINE costcurve_floats costcurve_to_steps(costcurve_ints sums, int32_t offset) {
  return costcurve_to_floats(sums - offset);
}

#undef COSTCURVE_INLINE
#endif
