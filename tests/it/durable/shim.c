/*
 * Stands between the server and the file system (LD_PRELOAD). It
 *
 * - writes down everything that changes files below a directory, and every flush, in the order in which it happened
 *   (STEAD_SHIM_ROOT, STEAD_SHIM_LOG); `replay.rs` makes of that what a power cut would leave;
 * - lets flushes of some files do nothing (STEAD_SHIM_DEAF), which is how one knows that a missing one is found;
 * - makes reading, writing or flushing fail when the test asks for it, and shifts the clock (STEAD_SHIM_CONTROL, a file
 *   that both sides map).
 *
 * Files ending in -shm are left out: they are memory shared between processes, and SQLite makes them anew.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { CREATE = 1, MKDIR, RENAME, UNLINK, LINK, WRITE, TRUNCATE, SYNC_BEGINS, SYNC_ENDS, SYNC_FAILED };

/* What the test asks for; keep in step with `shim.rs`. */
struct control {
    volatile uint32_t write_errno;
    volatile uint32_t sync_errno;
    volatile uint32_t read_errno;
    volatile uint32_t create_errno;
    volatile int64_t clock_offset_s;
    /* Faults happen to files whose path has this in it, an end of path being `$`. */
    volatile char match[64];
    /* Longest flush, in microseconds. */
    volatile uint32_t sync_delay_us;
    /* How many faults there were. */
    volatile uint32_t faults;
};

#define MAX_FD 65536
static char *paths[MAX_FD];
static char root[PATH_MAX];
static size_t root_length;
static int log_fd = -1;
static struct control *control;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t tickets;
/* Flushes of paths that have this in them, an end of path being `$`, do nothing and say that they did. */
static const char *deaf;

#define REAL(name) \
    static __typeof__(name) *real_##name; \
    if (!real_##name) real_##name = (__typeof__(name) *)dlsym(RTLD_NEXT, #name);

__attribute__((constructor)) static void begin(void) {
    const char *value = getenv("STEAD_SHIM_ROOT");
    deaf = getenv("STEAD_SHIM_DEAF");
    if (value && realpath(value, root)) root_length = strlen(root);
    if ((value = getenv("STEAD_SHIM_LOG"))) {
        int fd = syscall(SYS_openat, AT_FDCWD, value, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        if (fd >= 0) log_fd = syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 800);
        syscall(SYS_close, fd);
    }
    if ((value = getenv("STEAD_SHIM_CONTROL"))) {
        int fd = syscall(SYS_openat, AT_FDCWD, value, O_RDWR | O_CLOEXEC, 0);
        void *place = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (place != MAP_FAILED) control = place;
        syscall(SYS_close, fd);
    }
}

/* The full path if it is below the root and not left out, else an empty one. */
static const char *below(int dir, const char *path, char *out) {
    out[0] = 0;
    if (!root_length || !path) return out;
    if (path[0] == '/') {
        snprintf(out, PATH_MAX, "%s", path);
    } else {
        char base[PATH_MAX];
        if (dir == AT_FDCWD) {
            if (!getcwd(base, sizeof base)) return out;
        } else {
            char link[64];
            snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
            ssize_t n = readlink(link, base, sizeof base - 1);
            if (n < 0) return out;
            base[n] = 0;
        }
        if ((size_t)snprintf(out, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) out[0] = 0;
    }
    size_t n = strlen(out);
    int is_below = !strncmp(out, root, root_length) && (out[root_length] == '/' || !out[root_length]);
    if (!is_below || (n > 4 && !strcmp(out + n - 4, "-shm"))) out[0] = 0;
    return out;
}

static uint64_t inode(int fd) {
    struct stat about;
    return fstat(fd, &about) ? 0 : about.st_ino;
}

static void note(uint32_t op, uint64_t a, uint64_t b, const void *one, uint32_t one_n, const void *two, uint32_t two_n) {
    if (log_fd < 0) return;
    struct __attribute__((packed)) {
        uint32_t op, one, two, zero;
        uint64_t a, b;
    } head = {op, one_n, two_n, 0, a, b};
    struct iovec parts[3] = {{&head, sizeof head}, {(void *)one, one_n}, {(void *)two, two_n}};
    if (syscall(SYS_writev, log_fd, parts, 3) < 0) abort();
}

static void note_path(uint32_t op, uint64_t a, const char *path) {
    note(op, a, 0, path, strlen(path), NULL, 0);
}

/* The path of a descriptor that is watched, or NULL. */
static const char *watched(int fd) {
    return fd >= 0 && fd < MAX_FD ? paths[fd] : NULL;
}

static int has(const char *path, const char *part) {
    char ended[PATH_MAX + 1];
    snprintf(ended, sizeof ended, "%s$", path);
    return strstr(ended, part) != NULL;
}

/* Sets errno and says so if the test wants this to fail. */
static int fails(volatile uint32_t *which, const char *path) {
    if (!control || !*which || !path || !has(path, (const char *)control->match)) return 0;
    __sync_fetch_and_add(&control->faults, 1);
    errno = *which;
    return 1;
}

/* A descriptor stands for nothing that is watched. */
static void forget(int fd) {
    if (!watched(fd)) return;
    pthread_mutex_lock(&lock);
    free(paths[fd]);
    paths[fd] = NULL;
    pthread_mutex_unlock(&lock);
}

static int open_any(int dir, const char *path, int flags, mode_t mode) {
    char full[PATH_MAX];
    below(dir, path, full);
    if (!full[0]) {
        int fd = syscall(SYS_openat, dir, path, flags, mode);
        forget(fd);
        return fd;
    }
    if ((flags & (O_CREAT | O_WRONLY | O_RDWR)) && control && fails(&control->create_errno, full)) return -1;
    pthread_mutex_lock(&lock);
    struct stat before;
    int is_new = (flags & O_CREAT) && syscall(SYS_newfstatat, dir, path, &before, AT_SYMLINK_NOFOLLOW) < 0;
    int fd = syscall(SYS_openat, dir, path, flags, mode), saved = errno;
    if (fd >= 0 && fd < MAX_FD) {
        free(paths[fd]);
        paths[fd] = strdup(full);
        if (is_new) note_path(CREATE, inode(fd), full);
        else if (flags & O_TRUNC) note(TRUNCATE, inode(fd), 0, NULL, 0, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    errno = saved;
    return fd;
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, int); va_end(more); }

int open(const char *path, int flags, ...) { MODE(flags) return open_any(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_any(AT_FDCWD, path, flags, mode); }
int openat(int dir, const char *path, int flags, ...) { MODE(flags) return open_any(dir, path, flags, mode); }
int openat64(int dir, const char *path, int flags, ...) { MODE(flags) return open_any(dir, path, flags, mode); }
int creat(const char *path, mode_t mode) { return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int close(int fd) {
    forget(fd);
    return syscall(SYS_close, fd);
}

int closedir(DIR *folder) {
    REAL(closedir)
    forget(dirfd(folder));
    return real_closedir(folder);
}

static int copied(int from, int to) {
    if (to >= 0 && to < MAX_FD && watched(from)) {
        pthread_mutex_lock(&lock);
        free(paths[to]);
        paths[to] = strdup(paths[from]);
        pthread_mutex_unlock(&lock);
    }
    return to;
}

int dup(int fd) { return copied(fd, syscall(SYS_dup, fd)); }

static int any_fcntl(int fd, int command, void *argument) {
    int result = syscall(SYS_fcntl, fd, command, argument);
    return command == F_DUPFD || command == F_DUPFD_CLOEXEC ? copied(fd, result) : result;
}
#define ARGUMENT va_list more; va_start(more, command); void *argument = va_arg(more, void *); va_end(more);
int fcntl(int fd, int command, ...) { ARGUMENT return any_fcntl(fd, command, argument); }
int fcntl64(int fd, int command, ...) { ARGUMENT return any_fcntl(fd, command, argument); }

static ssize_t write_any(int fd, const struct iovec *parts, int count, off_t at, int has_place) {
    const char *path = watched(fd);
    if (!path) return has_place ? syscall(SYS_pwritev, fd, parts, count, at, 0) : syscall(SYS_writev, fd, parts, count);
    if (control && fails(&control->write_errno, path)) return -1;
    pthread_mutex_lock(&lock);
    struct stat about;
    fstat(fd, &about);
    off_t place = at;
    if (!has_place) place = (syscall(SYS_fcntl, fd, F_GETFL) & O_APPEND) ? about.st_size : lseek(fd, 0, SEEK_CUR);
    ssize_t n = has_place ? syscall(SYS_pwritev, fd, parts, count, at, 0) : syscall(SYS_writev, fd, parts, count);
    int saved = errno;
    ssize_t left = n;
    for (int i = 0; i < count && left > 0; i++) {
        ssize_t some = left < (ssize_t)parts[i].iov_len ? left : (ssize_t)parts[i].iov_len;
        note(WRITE, about.st_ino, place, parts[i].iov_base, some, NULL, 0);
        place += some;
        left -= some;
    }
    pthread_mutex_unlock(&lock);
    errno = saved;
    return n;
}

ssize_t write(int fd, const void *bytes, size_t n) {
    if (!watched(fd)) return syscall(SYS_write, fd, bytes, n);
    struct iovec part = {(void *)bytes, n};
    return write_any(fd, &part, 1, 0, 0);
}
ssize_t writev(int fd, const struct iovec *parts, int count) { return write_any(fd, parts, count, 0, 0); }
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) {
    struct iovec part = {(void *)bytes, n};
    return write_any(fd, &part, 1, at, 1);
}
ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) { return pwrite(fd, bytes, n, at); }

ssize_t read(int fd, void *bytes, size_t n) {
    if (control && fails(&control->read_errno, watched(fd))) return -1;
    return syscall(SYS_read, fd, bytes, n);
}
ssize_t pread(int fd, void *bytes, size_t n, off_t at) {
    if (control && fails(&control->read_errno, watched(fd))) return -1;
    return syscall(SYS_pread64, fd, bytes, n, at);
}
ssize_t pread64(int fd, void *bytes, size_t n, off64_t at) { return pread(fd, bytes, n, at); }

/* Callers do without these when they are not there. */
ssize_t copy_file_range(int a, off64_t *b, int c, off64_t *d, size_t e, unsigned f) {
    if (watched(c)) { errno = ENOSYS; return -1; }
    return syscall(SYS_copy_file_range, a, b, c, d, e, f);
}
ssize_t sendfile64(int out, int in, off64_t *at, size_t n) {
    if (watched(out)) { errno = EINVAL; return -1; }
    return syscall(SYS_sendfile, out, in, at, n);
}
ssize_t sendfile(int out, int in, off_t *at, size_t n) { return sendfile64(out, in, at, n); }
int fallocate(int fd, int mode, off_t at, off_t n) { (void)fd; (void)mode; (void)at; (void)n; errno = EOPNOTSUPP; return -1; }
int fallocate64(int fd, int mode, off64_t at, off64_t n) { return fallocate(fd, mode, at, n); }

int ftruncate(int fd, off_t length) {
    const char *path = watched(fd);
    if (!path) return syscall(SYS_ftruncate, fd, length);
    if (control && fails(&control->write_errno, path)) return -1;
    pthread_mutex_lock(&lock);
    int result = syscall(SYS_ftruncate, fd, length), saved = errno;
    if (!result) note(TRUNCATE, inode(fd), length, NULL, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    errno = saved;
    return result;
}
int ftruncate64(int fd, off64_t length) { return ftruncate(fd, length); }

/* What is written before a flush begins is on the disk when it has ended. The disk itself is spared. */
static int sync_any(int fd, long number) {
    const char *path = watched(fd);
    if (!path) return syscall(number, fd);
    if (control && fails(&control->sync_errno, path)) {
        int saved = errno;
        note(SYNC_FAILED, inode(fd), 0, NULL, 0, NULL, 0);
        errno = saved;
        return -1;
    }
    if (deaf && has(path, deaf)) return 0;
    uint64_t ticket = __sync_add_and_fetch(&tickets, 1) + ((uint64_t)getpid() << 32);
    note(SYNC_BEGINS, inode(fd), ticket, NULL, 0, NULL, 0);
    if (control && control->sync_delay_us) usleep(rand() % control->sync_delay_us);
    note(SYNC_ENDS, inode(fd), ticket, NULL, 0, NULL, 0);
    return 0;
}
int fsync(int fd) { return sync_any(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_any(fd, SYS_fdatasync); }

static int named(int dir, const char *path, int is_made, long result_of(int, const char *, mode_t), mode_t mode) {
    char full[PATH_MAX];
    below(dir, path, full);
    if (!full[0]) return result_of(dir, path, mode);
    if (control && fails(is_made ? &control->create_errno : &control->write_errno, full)) return -1;
    pthread_mutex_lock(&lock);
    int result = result_of(dir, path, mode), saved = errno;
    if (!result) {
        struct stat about = {0};
        if (is_made) stat(full, &about);
        note_path(is_made ? MKDIR : UNLINK, about.st_ino, full);
    }
    pthread_mutex_unlock(&lock);
    errno = saved;
    return result;
}
static long make(int dir, const char *path, mode_t mode) { return syscall(SYS_mkdirat, dir, path, mode); }
static long take(int dir, const char *path, mode_t flags) { return syscall(SYS_unlinkat, dir, path, flags); }
int mkdir(const char *path, mode_t mode) { return named(AT_FDCWD, path, 1, make, mode); }
int mkdirat(int dir, const char *path, mode_t mode) { return named(dir, path, 1, make, mode); }
int unlink(const char *path) { return named(AT_FDCWD, path, 0, take, 0); }
int unlinkat(int dir, const char *path, int flags) { return named(dir, path, 0, take, flags); }
int rmdir(const char *path) { return named(AT_FDCWD, path, 0, take, AT_REMOVEDIR); }
int remove(const char *path) { return unlink(path) && errno == EISDIR ? rmdir(path) : 0; }

int rename(const char *from, const char *to) {
    char one[PATH_MAX], two[PATH_MAX];
    below(AT_FDCWD, from, one);
    below(AT_FDCWD, to, two);
    if (control && (fails(&control->write_errno, one) || fails(&control->write_errno, two))) return -1;
    pthread_mutex_lock(&lock);
    int result = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0), saved = errno;
    if (!result && (one[0] || two[0])) note(RENAME, 0, 0, one, strlen(one), two, strlen(two));
    pthread_mutex_unlock(&lock);
    errno = saved;
    return result;
}
int linkat(int dir, const char *from, int other, const char *to, int flags) {
    char one[PATH_MAX], two[PATH_MAX];
    below(dir, from, one);
    below(other, to, two);
    pthread_mutex_lock(&lock);
    int result = syscall(SYS_linkat, dir, from, other, to, flags), saved = errno;
    if (!result && two[0]) note(LINK, 0, 0, one, strlen(one), two, strlen(two));
    pthread_mutex_unlock(&lock);
    errno = saved;
    return result;
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL(clock_gettime)
    int result = real_clock_gettime(clock, now);
    if (!result && control && clock == CLOCK_REALTIME) now->tv_sec += control->clock_offset_s;
    return result;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone;
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
