#define _GNU_SOURCE
#include "shims.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int costcurve_affinity_count(void) {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : -1;
}

int costcurve_pin_thread(int thread, int cpu) {
  cpu_set_t set;
  if (cpu < 0 || cpu >= CPU_SETSIZE) return -1;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  return sched_setaffinity(thread, sizeof set, &set);
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
  struct sigaction hangup;
  if (sigaction(SIGHUP, 0, &hangup) == 0 && hangup.sa_handler != SIG_IGN) sigaddset(set, SIGHUP);
}

/* Threads of libraries exist before main and block nothing: a signal that one of them gets would end
   the process if it had no handler. */
static sem_t interrupts;
static volatile sig_atomic_t last_interrupt;

static void note_interrupt(int signal) {
  int before = errno;
  last_interrupt = signal;
  sem_post(&interrupts);
  errno = before;
}

void costcurve_block_interrupts(void) {
  sigset_t set;
  interrupt_set(&set);
  sem_init(&interrupts, 0, 0);
  pthread_sigmask(SIG_BLOCK, &set, 0);
  struct sigaction action = {.sa_handler = note_interrupt, .sa_flags = SA_RESTART};
  for (int signal = 1; signal < 32; signal++) {
    if (sigismember(&set, signal)) sigaction(signal, &action, 0);
  }
}

int costcurve_wait_interrupt(void) {
  sigset_t set;
  interrupt_set(&set);
  pthread_sigmask(SIG_UNBLOCK, &set, 0);
  while (sem_wait(&interrupts) != 0) {
  }
  return last_interrupt;
}

void costcurve_occupy_standard_descriptors(void) {
  for (int descriptor = 0; descriptor <= 2; descriptor++) {
    if (fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    /* The lowest free number is this one. Unlike /dev/null, the path alone swallows nothing. */
    if (open("/", O_PATH) < 0) return;
  }
}

int costcurve_exchange_paths(const char *one, const char *other) {
  return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
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
