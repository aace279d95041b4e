#include "bot/instance.h"

#include "core/base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>

struct instance {
    int fd;
};

static long holder_of(int fd)
{
    char text[32] = {0};
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    return n > 0 ? strtol(text, NULL, 10) : 0;
}

struct instance *instance_take(const char *database, struct err *err)
{
    struct instance *instance = mem_new(1, sizeof(*instance));
    auto_str path = STR_INIT(4096);
    str_addf(&path, "%s.lock", database);
    instance->fd = -1;
    if (!strcmp(database, ":memory:"))
        return instance;
    instance->fd = open(path.buf, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (instance->fd < 0) {
        err_errno(err, ERR_CONFIG, NULL,
                  "%s cannot be made: the database's folder must be there and writable", path.buf);
    } else if (flock(instance->fd, LOCK_EX | LOCK_NB)) {
        err_set(err, ERR_LIMIT, NULL, "process %ld holds the database %s: stop it first",
                holder_of(instance->fd), database);
        close(instance->fd);
    } else {
        char text[32];
        int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
        if (ftruncate(instance->fd, 0) == 0 && pwrite(instance->fd, text, (size_t)n, 0) == n)
            return instance;
        err_errno(err, ERR_CONFIG, NULL, "%s cannot be written", path.buf);
        close(instance->fd);
    }
    free(instance);
    return NULL;
}

void instance_release(struct instance *instance)
{
    if (!instance)
        return;
    if (instance->fd >= 0)
        close(instance->fd); /* the file stays: unlinking it would open a race */
    free(instance);
}

int instance_connect(const char *database, struct err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    auto_str path = STR_INIT(4096);
    str_addf(&path, "%s.sock", database);
    if (path.len >= sizeof(address.sun_path))
        return err_set(err, ERR_CONFIG, NULL, "the socket's path is too long: %s", path.buf);
    memcpy(address.sun_path, path.buf, path.len);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    err_errno(err, ERR_REMOTE, NULL, "%s", path.buf);
    if (fd >= 0)
        close(fd);
    return -1;
}
