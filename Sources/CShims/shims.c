#define _GNU_SOURCE
#include "shims.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int costcurve_affinity_cpus(int *cpus, int capacity) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return -1;
  int found = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (!CPU_ISSET(cpu, &set)) continue;
    if (cpus && found < capacity) cpus[found] = cpu;
    found++;
  }
  return found;
}

int costcurve_affinity_count(void) { return costcurve_affinity_cpus(0, 0); }

int costcurve_pin_thread(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  return pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

int costcurve_current_cpu(void) { return sched_getcpu(); }

void costcurve_futex_wait(const void *address, uint32_t expected) {
  syscall(SYS_futex, address, FUTEX_WAIT_PRIVATE, expected, 0, 0, 0);
}

void costcurve_futex_wake_all(const void *address) {
  syscall(SYS_futex, address, FUTEX_WAKE_PRIVATE, INT_MAX, 0, 0, 0);
}

/* Swift passes a closure as two words, function and context, and calls it with the context in a
   register of its own. Swift itself can store a closure that does not escape only by allocating
   twice, which a parallel region of a few microseconds should not. */
typedef __attribute__((swiftcall)) void (*swift_body)(intptr_t,
                                                      __attribute__((swift_context)) const void *);

__attribute__((swiftcall)) void costcurve_borrow_body(const void *function, const void *context,
                                                      costcurve_borrowed_body *into) {
  into->function = function;
  into->context = context;
}

void costcurve_call_body(const costcurve_borrowed_body *body, intptr_t worker) {
  ((swift_body)body->function)(worker, body->context);
}

double costcurve_thread_cpu_seconds(void) {
  struct timespec t;
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) != 0) return 0;
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

uint64_t costcurve_clock_ns(void) {
  struct timespec t;
  if (clock_gettime(CLOCK_MONOTONIC_RAW, &t) != 0) clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int costcurve_clock_is_raw(void) {
  struct timespec t;
  return clock_gettime(CLOCK_MONOTONIC_RAW, &t) == 0;
}

void costcurve_thread_usage(int64_t *involuntary_switches, int64_t *major_faults) {
  struct rusage usage;
  if (getrusage(RUSAGE_THREAD, &usage) != 0) {
    *involuntary_switches = 0;
    *major_faults = 0;
    return;
  }
  *involuntary_switches = usage.ru_nivcsw;
  *major_faults = usage.ru_majflt;
}

static void interrupt_set(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, SIGINT);
  sigaddset(set, SIGTERM);
}

void costcurve_block_interrupts(void) {
  sigset_t set;
  interrupt_set(&set);
  pthread_sigmask(SIG_BLOCK, &set, 0);
}

int costcurve_wait_interrupt(void) {
  sigset_t set;
  interrupt_set(&set);
  int signal = 0;
  while (sigwait(&set, &signal) != 0) {
  }
  return signal;
}

const char *costcurve_file_of(const void *address) {
  Dl_info found;
  return dladdr(address, &found) != 0 ? found.dli_fname : 0;
}

// The executable has it; tests of single modules have not.
extern const char costcurve_commit[] __attribute__((weak));

const char *costcurve_build_commit(void) {
  return &costcurve_commit[0] == NULL || costcurve_commit[0] == 0 ? NULL : costcurve_commit;
}
