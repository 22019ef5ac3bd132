/* Starts and ends worker processes. Between fork and exec only async-signal-safe calls are made,
   so this is sound in a program with threads. */
#define _GNU_SOURCE
#include "shims.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void become(const char *path, char *const argv[], char *const envp[], int in, int out,
                   int err, const cpu_set_t *cpus, pid_t parent, int failure) {
  sigset_t none;
  sigemptyset(&none);
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  for (int signal = 1; signal < 32; signal++) {
    if (signal != SIGKILL && signal != SIGSTOP) sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, 0);
  }
  sigprocmask(SIG_SETMASK, &none, 0);
  if (cpus) sched_setaffinity(0, sizeof *cpus, cpus);
  if (dup2(in, 0) >= 0 && dup2(out, 1) >= 0 && dup2(err, 2) >= 0) execve(path, argv, envp);
  int reason = errno;
  if (write(failure, &reason, sizeof reason) < 0) _exit(127);
  _exit(127);
}

int costcurve_spawn(const char *path, char *const argv[], char *const envp[], int in, int out,
                    int err, const int *cpus, int cpu_count, int *reason) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  for (int index = 0; index < cpu_count; index++) CPU_SET(cpus[index], &allowed);
  int failure[2];
  if (pipe2(failure, O_CLOEXEC) != 0) {
    *reason = errno;
    return -1;
  }
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) become(path, argv, envp, in, out, err, cpu_count > 0 ? &allowed : 0, parent, failure[1]);
  *reason = child < 0 ? errno : 0;
  close(failure[1]);
  if (child > 0) {
    setpgid(child, child);
    ssize_t got;
    do {
      got = read(failure[0], reason, sizeof *reason);
    } while (got < 0 && errno == EINTR);
    if (got == sizeof *reason) {
      waitpid(child, 0, 0);
      child = -1;
    }
  }
  close(failure[0]);
  return child;
}

int costcurve_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int costcurve_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
