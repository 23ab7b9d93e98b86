/*
 * Counts the calls of the C library that change something under a folder, kills at the one that
 * was asked for, makes others fail, and writes down what was done.
 *
 * Preloaded into every process of the service under test (LD_PRELOAD). CRASH_CONTROL names a file
 * of one `struct control`, shared and changed while they run by tests/crash/shim.py, which has the
 * same layout. Calls that the C library makes within itself (stdio) are not seen.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum op { CREATE = 1, WRITE, TRUNCATE, SYNC, RENAME, LINK, UNLINK, MKDIR, RMDIR, SYMLINK };

struct control {
    _Atomic uint64_t calls;       /* effect calls so far, of all processes */
    uint64_t kill_at;             /* the call before which all die; 0 for never */
    uint64_t torn;                /* half of that call is done first, if it is a write */
    uint64_t traced;              /* whether the trace is written */
    uint64_t fail_errno;          /* what failing calls say; 0 for none fails */
    uint64_t fail_ops;            /* bit 1 << op for each kind that fails */
    uint64_t fail_from;           /* only calls of these numbers fail */
    uint64_t fail_to;
    _Atomic uint64_t failed;      /* how many failed */
    char folder[512];             /* only what lies under it counts */
    char fail_path[256];          /* only paths with this in them fail; empty for all */
    char skip[2][64];             /* paths with one of these below the folder do not count */
};

struct record {
    uint32_t op, path_bytes, other_bytes, data_bytes;
    uint64_t inode, offset, call;
};

static struct control *control;
static int trace = -1;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void)
{
    const char *name = getenv("CRASH_CONTROL"), *log = getenv("CRASH_TRACE");
    int file = name ? (int)syscall(SYS_openat, AT_FDCWD, name, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    syscall(SYS_close, file);
    if (map == MAP_FAILED)
        return;
    control = map;
    if (log)
        trace = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CLOEXEC);
}

static int counts(const char *path)
{
    size_t length = strlen(control->folder);
    if (strncmp(path, control->folder, length) || (path[length] != '/' && path[length]))
        return 0;
    for (int i = 0; i < 2; i++)
        if (control->skip[i][0] && strstr(path + length, control->skip[i]))
            return 0;
    return 1;
}

/* The whole path of a name as a call got it, in `out`; 0 if it is none of ours. */
static int place(int folder, const char *name, char *out)
{
    char base[PATH_MAX] = "";
    if (!control || !name)
        return 0;
    if (name[0] != '/') {
        char link[64];
        snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
        ssize_t got = readlink(link, base, sizeof base - 2);
        if (got < 0)
            return 0;
        base[got] = '/';
        base[got + 1] = 0;
    }
    if (snprintf(out, PATH_MAX, "%s%s", base, name) >= PATH_MAX)
        return 0;
    return counts(out);
}

/* The same for an open file or folder. */
static int place_of(int file, char *out)
{
    char link[64];
    if (!control)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t got = readlink(link, out, PATH_MAX - 1);
    if (got < 0)
        return 0;
    out[got] = 0;
    return counts(out);
}

static uint64_t inode_at(const char *path)
{
    struct stat facts;
    return fstatat(AT_FDCWD, path, &facts, AT_SYMLINK_NOFOLLOW) ? 0 : facts.st_ino;
}

static uint64_t inode_of(int file)
{
    struct stat facts;
    return fstat(file, &facts) ? 0 : facts.st_ino;
}

static void power_off(void)
{
    syscall(SYS_kill, 0, SIGKILL);
    for (;;)
        pause();
}

/* Before a call: counts it. 0: go on; -1: fail with errno; 1: do half of it, then power_off(). */
static int meet(enum op op, const char *path, uint64_t *call)
{
    *call = atomic_fetch_add(&control->calls, 1) + 1;
    if (control->kill_at && *call >= control->kill_at) {
        if (control->torn && op == WRITE)
            return 1;
        power_off();
    }
    int failing = control->fail_errno && (control->fail_ops >> op & 1) &&
                  *call >= control->fail_from && *call <= control->fail_to &&
                  (!control->fail_path[0] || strstr(path, control->fail_path));
    if (!failing)
        return 0;
    atomic_fetch_add(&control->failed, 1);
    errno = (int)control->fail_errno;
    return -1;
}

static void note(enum op op, uint64_t call, uint64_t inode, uint64_t offset, const char *path,
                 const char *other, const void *data, size_t bytes)
{
    if (trace < 0 || !control->traced)
        return;
    struct record head = {op, strlen(path), strlen(other), bytes, inode, offset, call};
    struct iovec parts[] = {{&head, sizeof head},
                            {(void *)path, head.path_bytes},
                            {(void *)other, head.other_bytes},
                            {(void *)data, bytes}};
    syscall(SYS_writev, trace, parts, 4);
}

/* One call at a time in a process, so that the trace has them in their order. */
#define LOCKED(statement)            \
    do {                             \
        pthread_mutex_lock(&turn);   \
        statement;                   \
        int kept = errno;            \
        pthread_mutex_unlock(&turn); \
        errno = kept;                \
    } while (0)

/* ---- files ---- */

static int opened(int folder, const char *name, int flags, mode_t mode)
{
    char path[PATH_MAX];
    uint64_t call, before;
    int result = -1;
    struct stat facts;
    if (!(flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE || !place(folder, name, path))
        return (int)syscall(SYS_openat, folder, name, flags | O_LARGEFILE, mode);
    before = fstatat(AT_FDCWD, path, &facts, 0) ? 0 : facts.st_ino;
    if (before && !((flags & O_TRUNC) && facts.st_size))
        return (int)syscall(SYS_openat, folder, name, flags | O_LARGEFILE, mode);
    enum op op = before ? TRUNCATE : CREATE;
    LOCKED({
        if (!meet(op, path, &call))
            result = (int)syscall(SYS_openat, folder, name, flags | O_LARGEFILE, mode);
        if (result >= 0)
            note(op, call, inode_of(result), 0, path, "", "", 0);
    });
    return result;
}

#define MODE(flags, mode)                   \
    mode_t mode = 0;                        \
    if ((flags) & (O_CREAT | O_TMPFILE)) {  \
        va_list more;                       \
        va_start(more, flags);              \
        mode = (mode_t)va_arg(more, int);   \
        va_end(more);                       \
    }

int open(const char *name, int flags, ...)
{
    MODE(flags, mode)
    return opened(AT_FDCWD, name, flags, mode);
}

int open64(const char *name, int flags, ...)
{
    MODE(flags, mode)
    return opened(AT_FDCWD, name, flags, mode);
}

int openat(int folder, const char *name, int flags, ...)
{
    MODE(flags, mode)
    return opened(folder, name, flags, mode);
}

int openat64(int folder, const char *name, int flags, ...)
{
    MODE(flags, mode)
    return opened(folder, name, flags, mode);
}

int creat(const char *name, mode_t mode)
{
    return opened(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int creat64(const char *name, mode_t mode)
{
    return opened(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

static ssize_t written(int file, const void *data, size_t bytes, off_t offset, int placed)
{
    char path[PATH_MAX];
    uint64_t call;
    ssize_t result = -1;
    if (!place_of(file, path))
        return placed ? syscall(SYS_pwrite64, file, data, bytes, offset)
                      : syscall(SYS_write, file, data, bytes);
    LOCKED({
        int what = meet(WRITE, path, &call);
        if (what >= 0) {
            size_t some = what ? bytes / 2 : bytes;
            int appends = fcntl(file, F_GETFL) & O_APPEND;
            struct stat facts;
            if (!placed)
                offset = appends && !fstat(file, &facts) ? facts.st_size : lseek(file, 0, SEEK_CUR);
            result = placed ? syscall(SYS_pwrite64, file, data, some, offset)
                            : syscall(SYS_write, file, data, some);
            if (what)
                power_off();
        }
        if (result > 0)
            note(WRITE, call, inode_of(file), (uint64_t)offset, path, "", data, (size_t)result);
    });
    return result;
}

ssize_t write(int file, const void *data, size_t bytes)
{
    return written(file, data, bytes, 0, 0);
}

ssize_t pwrite(int file, const void *data, size_t bytes, off_t offset)
{
    return written(file, data, bytes, offset, 1);
}

ssize_t pwrite64(int file, const void *data, size_t bytes, off64_t offset)
{
    return written(file, data, bytes, offset, 1);
}

ssize_t writev(int file, const struct iovec *parts, int count)
{
    char path[PATH_MAX];
    if (!place_of(file, path))
        return syscall(SYS_writev, file, parts, count);
    for (int i = 0; i < count; i++)
        if (parts[i].iov_len)
            return written(file, parts[i].iov_base, parts[i].iov_len, 0, 0);
    return 0;
}

/* Whoever is refused the quick ways between two files takes read() and write(). */
static ssize_t between(int to, const char *name, int from, off_t *at, size_t bytes)
{
    char path[PATH_MAX];
    static ssize_t (*real)(int, int, off_t *, size_t);
    if (place_of(to, path)) {
        errno = ENOSYS;
        return -1;
    }
    real = real ? real : (ssize_t(*)(int, int, off_t *, size_t))dlsym(RTLD_NEXT, name);
    return real(to, from, at, bytes);
}

ssize_t sendfile(int to, int from, off_t *at, size_t bytes)
{
    return between(to, "sendfile", from, at, bytes);
}

ssize_t sendfile64(int to, int from, off64_t *at, size_t bytes)
{
    return between(to, "sendfile64", from, (off_t *)at, bytes);
}

static int truncated(int file, off_t length)
{
    char path[PATH_MAX];
    uint64_t call;
    int result = -1;
    if (!place_of(file, path))
        return (int)syscall(SYS_ftruncate, file, length);
    LOCKED({
        if (!meet(TRUNCATE, path, &call))
            result = (int)syscall(SYS_ftruncate, file, length);
        if (!result)
            note(TRUNCATE, call, inode_of(file), (uint64_t)length, path, "", "", 0);
    });
    return result;
}

int ftruncate(int file, off_t length)
{
    return truncated(file, length);
}

int ftruncate64(int file, off64_t length)
{
    return truncated(file, length);
}

int posix_fallocate(int file, off_t offset, off_t bytes)
{
    char path[PATH_MAX];
    if (place_of(file, path))
        return EOPNOTSUPP;
    return (int)syscall(SYS_fallocate, file, 0, offset, bytes) ? errno : 0;
}

int posix_fallocate64(int file, off64_t offset, off64_t bytes)
{
    return posix_fallocate(file, offset, bytes);
}

static int synced(int file, long number)
{
    char path[PATH_MAX];
    uint64_t call;
    int result = -1;
    if (!place_of(file, path))
        return (int)syscall(number, file);
    LOCKED({
        if (!meet(SYNC, path, &call))
            result = (int)syscall(number, file);
        if (!result)
            note(SYNC, call, inode_of(file), 0, path, "", "", 0);
    });
    return result;
}

int fsync(int file)
{
    return synced(file, SYS_fsync);
}

int fdatasync(int file)
{
    return synced(file, SYS_fdatasync);
}

/* ---- names ---- */

static int renamed(int from, const char *old, int to, const char *new, unsigned flags)
{
    char path[PATH_MAX], other[PATH_MAX];
    uint64_t call;
    int result = -1, left = place(from, old, path), right = place(to, new, other);
    if (!left && !right)
        return (int)syscall(SYS_renameat2, from, old, to, new, flags);
    LOCKED({
        if (!meet(RENAME, left ? path : other, &call))
            result = (int)syscall(SYS_renameat2, from, old, to, new, flags);
        if (!result)
            note(RENAME, call, inode_at(new[0] == '/' || right ? other : new), 0, path, other, "", 0);
    });
    return result;
}

int rename(const char *old, const char *new)
{
    return renamed(AT_FDCWD, old, AT_FDCWD, new, 0);
}

int renameat(int from, const char *old, int to, const char *new)
{
    return renamed(from, old, to, new, 0);
}

int renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
    return renamed(from, old, to, new, flags);
}

int linkat(int from, const char *old, int to, const char *new, int flags)
{
    char path[PATH_MAX], other[PATH_MAX];
    uint64_t call;
    int result = -1;
    if (!place(from, old, path) || !place(to, new, other))
        return (int)syscall(SYS_linkat, from, old, to, new, flags);
    LOCKED({
        if (!meet(LINK, other, &call))
            result = (int)syscall(SYS_linkat, from, old, to, new, flags);
        if (!result)
            note(LINK, call, inode_at(other), 0, path, other, "", 0);
    });
    return result;
}

int link(const char *old, const char *new)
{
    return linkat(AT_FDCWD, old, AT_FDCWD, new, 0);
}

static int removed(int folder, const char *name, int flags)
{
    char path[PATH_MAX];
    uint64_t call, inode;
    int result = -1;
    enum op op = flags & AT_REMOVEDIR ? RMDIR : UNLINK;
    if (!place(folder, name, path) || !(inode = inode_at(path)))
        return (int)syscall(SYS_unlinkat, folder, name, flags);
    LOCKED({
        if (!meet(op, path, &call))
            result = (int)syscall(SYS_unlinkat, folder, name, flags);
        if (!result)
            note(op, call, inode, 0, path, "", "", 0);
    });
    return result;
}

int unlink(const char *name)
{
    return removed(AT_FDCWD, name, 0);
}

int unlinkat(int folder, const char *name, int flags)
{
    return removed(folder, name, flags);
}

int rmdir(const char *name)
{
    return removed(AT_FDCWD, name, AT_REMOVEDIR);
}

int mkdirat(int folder, const char *name, mode_t mode)
{
    char path[PATH_MAX];
    uint64_t call;
    int result = -1;
    if (!place(folder, name, path) || inode_at(path))
        return (int)syscall(SYS_mkdirat, folder, name, mode);
    LOCKED({
        if (!meet(MKDIR, path, &call))
            result = (int)syscall(SYS_mkdirat, folder, name, mode);
        if (!result)
            note(MKDIR, call, inode_at(path), 0, path, "", "", 0);
    });
    return result;
}

int mkdir(const char *name, mode_t mode)
{
    return mkdirat(AT_FDCWD, name, mode);
}

int symlinkat(const char *target, int folder, const char *name)
{
    char path[PATH_MAX];
    uint64_t call;
    int result = -1;
    if (!place(folder, name, path))
        return (int)syscall(SYS_symlinkat, target, folder, name);
    LOCKED({
        if (!meet(SYMLINK, path, &call))
            result = (int)syscall(SYS_symlinkat, target, folder, name);
        if (!result)
            note(SYMLINK, call, inode_at(path), 0, path, target, "", 0);
    });
    return result;
}

int symlink(const char *target, const char *name)
{
    return symlinkat(target, AT_FDCWD, name);
}
