/*
 * A disk that can be slow, full, read-only, or lose its power; preloaded into a Java process.
 *
 * It watches the files below KELP_SHIM_DIR and lets every call reach the real file system, but
 *   - writes, truncations and creations fail as the control file says (first byte: 'f' ENOSPC,
 *     'r' EROFS, anything else: they work);
 *   - fsync and fdatasync take so many milliseconds longer as the control file says (bytes 4-7,
 *     native order);
 *   - with KELP_SHIM_LOG everything that changes the disk is appended to that file, in the order in
 *     which it happened: one lock covers the call and its record, and a sync is recorded when it
 *     has returned. Whoever reads the log knows at every point what a disk must have kept.
 *
 * Record: 'O' inode path | 'W' inode offset length data | 'T' inode length | 'S' inode |
 * 'D' | 'U' path | 'R' path path. Numbers are 64 bit, native order; a path is length and bytes,
 * relative to the directory. 'D' is a sync of the directory itself.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define FDS 4096
#define REAL(name, result, ...) ((result (*)(__VA_ARGS__)) real(#name))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t inodes[FDS];
static char directories[FDS];
static const char *root;
static size_t rootLength;
static int logFd = -1;
static volatile char *control;

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
    root = getenv("KELP_SHIM_DIR");
    if (!root) return;
    rootLength = strlen(root);
    const char *path = getenv("KELP_SHIM_CONTROL");
    if (path) {
        int fd = REAL(open, int, const char *, int, ...)(path, O_RDWR);
        if (fd >= 0) control = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
        if (control == MAP_FAILED) control = NULL;
    }
    path = getenv("KELP_SHIM_LOG");
    if (path) logFd = REAL(open, int, const char *, int, ...)(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    unsetenv("LD_PRELOAD");
}

static int refused(void) {
    if (!control) return 0;
    if (*control == 'f') return ENOSPC;
    if (*control == 'r') return EROFS;
    return 0;
}

static void put(const void *bytes, size_t n) {
    const char *at = bytes;
    while (n > 0) {
        ssize_t done = REAL(write, ssize_t, int, const void *, size_t)(logFd, at, n);
        if (done <= 0) _exit(97); /* a log with holes would prove nothing */
        at += done;
        n -= (size_t) done;
    }
}
static void put64(uint64_t v) { put(&v, 8); }
static void putPath(const char *path) {
    const char *relative = path + rootLength;
    while (*relative == '/') relative++;
    put64(strlen(relative));
    put(relative, strlen(relative));
}

static int below(const char *path) {
    return root && path && strncmp(path, root, rootLength) == 0 && (path[rootLength] == '/' || path[rootLength] == 0);
}
static int watched(int fd) { return fd >= 0 && fd < FDS && (inodes[fd] || directories[fd]); }

static int opened(int fd, const char *path, int flags) {
    struct stat s;
    if (fd < 0 || fd >= FDS || !below(path) || fstat(fd, &s) != 0) return fd;
    if (S_ISDIR(s.st_mode)) { directories[fd] = path[rootLength] == 0 || path[rootLength + 1] == 0; return fd; }
    inodes[fd] = s.st_ino;
    if (logFd >= 0) {
        put("O", 1); put64(s.st_ino); putPath(path);
        if (flags & O_TRUNC) { put("T", 1); put64(s.st_ino); put64(0); }
    }
    return fd;
}

#define OPEN(name) \
int name(const char *path, int flags, ...) { \
    va_list a; va_start(a, flags); mode_t mode = va_arg(a, mode_t); va_end(a); \
    if (!below(path)) return REAL(name, int, const char *, int, ...)(path, flags, mode); \
    int e = refused(); \
    if (e && ((flags & O_CREAT && access(path, F_OK) != 0) || (e == EROFS && (flags & O_ACCMODE) != O_RDONLY))) { errno = e; return -1; } \
    pthread_mutex_lock(&lock); \
    int fd = opened(REAL(name, int, const char *, int, ...)(path, flags, mode), path, flags); \
    int saved = errno; pthread_mutex_unlock(&lock); errno = saved; \
    return fd; \
}
OPEN(open)
OPEN(open64)

int close(int fd) {
    if (watched(fd)) {
        pthread_mutex_lock(&lock);
        inodes[fd] = 0; directories[fd] = 0;
        pthread_mutex_unlock(&lock);
    }
    return REAL(close, int, int)(fd);
}

static void wrote(int fd, const void *data, ssize_t n, off_t at) {
    if (n <= 0 || logFd < 0) return;
    put("W", 1); put64(inodes[fd]); put64((uint64_t) at); put64((uint64_t) n); put(data, (size_t) n);
}

ssize_t write(int fd, const void *data, size_t n) {
    if (!watched(fd)) return REAL(write, ssize_t, int, const void *, size_t)(fd, data, n);
    int e = refused();
    if (e) { errno = e; return -1; }
    pthread_mutex_lock(&lock);
    ssize_t done = REAL(write, ssize_t, int, const void *, size_t)(fd, data, n);
    int saved = errno;
    wrote(fd, data, done, lseek(fd, 0, SEEK_CUR) - done);
    pthread_mutex_unlock(&lock);
    errno = saved;
    return done;
}

#define PWRITE(name) \
ssize_t name(int fd, const void *data, size_t n, off_t at) { \
    if (!watched(fd)) return REAL(name, ssize_t, int, const void *, size_t, off_t)(fd, data, n, at); \
    int e = refused(); \
    if (e) { errno = e; return -1; } \
    pthread_mutex_lock(&lock); \
    ssize_t done = REAL(name, ssize_t, int, const void *, size_t, off_t)(fd, data, n, at); \
    int saved = errno; \
    wrote(fd, data, done, at); \
    pthread_mutex_unlock(&lock); \
    errno = saved; \
    return done; \
}
PWRITE(pwrite)
PWRITE(pwrite64)

#define TRUNCATE(name) \
int name(int fd, off_t length) { \
    if (!watched(fd)) return REAL(name, int, int, off_t)(fd, length); \
    int e = refused(); \
    if (e) { errno = e; return -1; } \
    pthread_mutex_lock(&lock); \
    int r = REAL(name, int, int, off_t)(fd, length); \
    int saved = errno; \
    if (r == 0 && logFd >= 0) { put("T", 1); put64(inodes[fd]); put64((uint64_t) length); } \
    pthread_mutex_unlock(&lock); \
    errno = saved; \
    return r; \
}
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

#define SYNC(name) \
int name(int fd) { \
    if (!watched(fd)) return REAL(name, int, int)(fd); \
    if (control) { \
        uint32_t ms; memcpy(&ms, (const char *) control + 4, 4); \
        struct timespec t = { ms / 1000, (ms % 1000) * 1000000L }; \
        if (ms) nanosleep(&t, NULL); \
    } \
    pthread_mutex_lock(&lock); \
    if (logFd >= 0) { \
        /* The log itself stands for the disk, so the real sync is not needed. */ \
        if (directories[fd]) put("D", 1); else { put("S", 1); put64(inodes[fd]); } \
        pthread_mutex_unlock(&lock); \
        return 0; \
    } \
    pthread_mutex_unlock(&lock); \
    return REAL(name, int, int)(fd); \
}
SYNC(fsync)
SYNC(fdatasync)

int unlink(const char *path) {
    if (!below(path)) return REAL(unlink, int, const char *)(path);
    if (refused() == EROFS) { errno = EROFS; return -1; }
    pthread_mutex_lock(&lock);
    int r = REAL(unlink, int, const char *)(path);
    int saved = errno;
    if (r == 0 && logFd >= 0) { put("U", 1); putPath(path); }
    pthread_mutex_unlock(&lock);
    errno = saved;
    return r;
}

int rename(const char *from, const char *to) {
    if (!below(from)) return REAL(rename, int, const char *, const char *)(from, to);
    int e = refused();
    if (e == EROFS) { errno = e; return -1; }
    pthread_mutex_lock(&lock);
    int r = REAL(rename, int, const char *, const char *)(from, to);
    int saved = errno;
    if (r == 0 && logFd >= 0) { put("R", 1); putPath(from); putPath(to); }
    pthread_mutex_unlock(&lock);
    errno = saved;
    return r;
}
