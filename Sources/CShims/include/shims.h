#ifndef COSTCURVE_SHIMS_H
#define COSTCURVE_SHIMS_H

#include <stdbool.h>
#include <stdint.h>

/// Makes the compiler believe that the memory at `p` is read and written here.
static inline void costcurve_keep(const void *p) { __asm__ volatile("" : : "r"(p) : "memory"); }

/// Tells the core that this is a spin loop.
static inline void costcurve_spin_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Asks for the cache line at `p` before it is needed; any address will do.
static inline void costcurve_prefetch(const void *p) { __builtin_prefetch(p, 0, 3); }
/// Asks for the cache line at `p` to be brought into the second-level cache; any address will do.
static inline void costcurve_prefetch_l2(const void *p) { __builtin_prefetch(p, 0, 2); }

/// Whether this CPU and kernel offer x86-64-v3 (AVX2, FMA, BMI2) with the registers saved.
bool costcurve_cpu_has_v3(void);
/// Whether this CPU and kernel offer x86-64-v4 (AVX-512 F, BW, CD, DQ, VL) with the registers saved.
bool costcurve_cpu_has_v4(void);
/// Whether this CPU and kernel offer x86-64-v3 and AVX-VNNI, products of bytes on 256 bits.
bool costcurve_cpu_has_avx_vnni(void);

/// Number of CPUs in this process's affinity mask, or -1 where it cannot be read.
int costcurve_affinity_count(void);

/// Lets a thread of this or another process run on one CPU alone; 0, or -1 where it cannot.
int costcurve_pin_thread(int thread, int cpu);
/// The CPU that the calling thread runs on now, or -1.
int costcurve_current_cpu(void);

/// Sleeps until the word at `address` is woken, unless it no longer holds `expected`; may wake early.
void costcurve_futex_wait(const void *address, uint32_t expected);
/// Wakes all threads of this process that sleep on the word at `address`.
void costcurve_futex_wake_all(const void *address);

/// The two words of a Swift closure, borrowed for as long as the call that received it lasts.
typedef struct {
  const void *function;
  const void *context;
} costcurve_borrowed_body;
/// Calls a borrowed Swift closure of type `(Int) -> Void`.
void costcurve_call_body(const costcurve_borrowed_body *body, intptr_t worker);

/// Seconds of CPU time that the calling thread has used.
double costcurve_thread_cpu_seconds(void);
/// Nanoseconds of CLOCK_MONOTONIC_RAW, or of CLOCK_MONOTONIC where that fails.
uint64_t costcurve_clock_ns(void);
/// 1 when costcurve_clock_ns reads CLOCK_MONOTONIC_RAW, 0 when it fell back.
int costcurve_clock_is_raw(void);

/// Involuntary context switches and major page faults of the calling thread so far.
void costcurve_thread_usage(int64_t *involuntary_switches, int64_t *major_faults);

/// Blocks SIGINT, SIGTERM and SIGHUP in the calling thread and all threads made after it; a SIGHUP
/// that the starter of this process ignores, as `nohup` does, stays ignored.
void costcurve_block_interrupts(void);
/// Waits for one of those that `costcurve_block_interrupts` blocked; returns the signal's number.
int costcurve_wait_interrupt(void);

/// Puts something that can be neither read nor written at those of the descriptors 0 to 2 that are
/// closed, so that no file opened later becomes a standard stream.
void costcurve_occupy_standard_descriptors(void);
/// Gives two paths of one file system each other's content in one step; 0, or -1 with errno set,
/// which is EINVAL or ENOSYS where the file system or the kernel has no such step.
int costcurve_exchange_paths(const char *one, const char *other);

/// Starts a program in its own process group with the three given descriptors as its standard ones.
/// It is killed when the calling thread ends. Where `cpu_count` is above 0 it may run on the named
/// CPUs only. Returns its process id, or -1 with errno in `reason`.
int costcurve_spawn(const char *path, char *const argv[], char *const envp[], int in, int out,
                    int err, const int *cpus, int cpu_count, int *reason);
/// An anonymous file in memory, closed on exec; -1 where there is none to be had.
int costcurve_memory_file(const char *name);
/// A pipe whose ends are closed on exec; 0, or -1 with errno set.
int costcurve_pipe(int ends[2]);

/// The commit that the build was told, or NULL where it was told none.
const char *costcurve_build_commit(void);

/// Path of the program or library that holds a function of this process, or NULL where none does.
const char *costcurve_file_of(const void *address);

#endif
