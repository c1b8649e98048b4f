/* Calls that do less than they are asked to, or fail once, or say that they failed though they did not: what strace can't
   have them do. Which of it, a variable says. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* A bound: no header of a format is that short. */
#define MOST 7

static int is_mode(const char *name) {
    const char *mode = getenv("KEYWARD_FAULTS_MODE");
    return mode && strcmp(mode, name) == 0;
}

/* Every other time that a thread comes by. */
static int interrupts(void) {
    static __thread int times;
    if (is_mode("interrupted") && times++ % 2 == 0) {
        errno = EINTR;
        return 1;
    }
    return 0;
}

static size_t shortened(size_t length) {
    return is_mode("short") && length > MOST ? MOST : length;
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t read(int file, void *to, size_t length) {
    REAL(read);
    return interrupts() ? -1 : real(file, to, shortened(length));
}

ssize_t pread64(int file, void *to, size_t length, off64_t from) {
    REAL(pread64);
    return interrupts() ? -1 : real(file, to, shortened(length), from);
}

ssize_t write(int file, const void *from, size_t length) {
    REAL(write);
    return interrupts() ? -1 : real(file, from, shortened(length));
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    REAL(writev);
    if (is_mode("short") && count > 0)
        return write(file, parts[0].iov_base, parts[0].iov_len);
    return interrupts() ? -1 : real(file, parts, count);
}

int poll(struct pollfd *files, nfds_t count, int longest) {
    REAL(poll);
    return interrupts() ? -1 : real(files, count, longest);
}

pid_t waitpid(pid_t process, int *status, int options) {
    REAL(waitpid);
    return interrupts() ? -1 : real(process, status, options);
}

int close(int file) {
    REAL(close);
    int done = real(file);
    if (done == 0 && is_mode("close")) {
        errno = EIO;
        return -1;
    }
    return done;
}
