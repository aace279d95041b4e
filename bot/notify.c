#include "bot/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

void notify_systemd(const char *state)
{
    const char *path = secure_getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!path || (*path != '/' && *path != '@') || strlen(path) >= sizeof(address.sun_path))
        return;
    size_t len = strlen(path);
    memcpy(address.sun_path, path, len);
    if (*path == '@') /* abstract */
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
    (void)sent; /* it will see that we do not feed it */
    close(fd);
}

int64_t notify_watchdog_ms(void)
{
    const char *usec = secure_getenv("WATCHDOG_USEC");
    return usec ? strtoll(usec, NULL, 10) / 1000 / 2 : 0;
}
