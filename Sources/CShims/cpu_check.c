/* Ends the program with a sentence on a CPU that lacks the instructions the Swift code is built
   for. It runs as an early constructor, so before any code that could die by SIGILL, and this
   file is built for the baseline instruction set. */
#include "shims.h"

#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)

#include <cpuid.h>

bool costcurve_cpu_has_avx_vnni(void) {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return costcurve_cpu_has_v3() && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 &&
         (eax & 1u << 4) != 0;
}

bool costcurve_cpu_has_v3(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}

bool costcurve_cpu_has_v4(void) {
  return costcurve_cpu_has_v3() && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

static void refuse(const char *sentence) {
  if (write(STDERR_FILENO, sentence, strlen(sentence)) < 0) _exit(1);
  _exit(1);
}

__attribute__((constructor(101))) static void check_cpu(void) {
#if defined(COSTCURVE_MARCH_AVX512)
  if (!costcurve_cpu_has_v4())
    refuse("costcurve: this binary was built for x86-64-v4 (AVX-512), which this CPU does not have.\n"
           "Build it here with 'make build', or anywhere with COSTCURVE_MARCH=x86-64-v3.\n");
#if defined(COSTCURVE_MARCH_VNNI)
  if (!__builtin_cpu_supports("avx512vnni"))
    refuse("costcurve: this binary was built for AVX-512 with VNNI, which this CPU does not have.\n"
           "Build it here with 'make build', or anywhere with COSTCURVE_MARCH=x86-64-v3.\n");
#endif
#if defined(COSTCURVE_MARCH_BF16)
  if (!__builtin_cpu_supports("avx512bf16"))
    refuse("costcurve: this binary was built for AVX-512 with BF16, which this CPU does not have.\n"
           "Build it here with 'make build', or anywhere with COSTCURVE_MARCH=x86-64-v3.\n");
#endif
#elif defined(COSTCURVE_MARCH_AVX2)
  if (!costcurve_cpu_has_v3())
    refuse("costcurve: this binary was built for x86-64-v3 (AVX2 and FMA), which this CPU does not have.\n"
           "Build it with COSTCURVE_MARCH=x86-64 for an older CPU; its kernels will be slow there.\n");
#if defined(COSTCURVE_MARCH_AVXVNNI)
  if (!costcurve_cpu_has_avx_vnni())
    refuse("costcurve: this binary was built for AVX2 with AVX-VNNI, which this CPU does not have.\n"
           "Build it here with 'make build', or anywhere with COSTCURVE_MARCH=x86-64-v3.\n");
#endif
#endif
}

#else
bool costcurve_cpu_has_v3(void) { return false; }
bool costcurve_cpu_has_v4(void) { return false; }
bool costcurve_cpu_has_avx_vnni(void) { return false; }
#endif
