/* A preload: every fsync and fdatasync takes 25 ms more. */
#include <dlfcn.h>
#include <time.h>

static int slow(const char *name, int fd)
{
    struct timespec wait = {0, 25000000};
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, NULL);
    return real(fd);
}

int fsync(int fd)
{
    return slow("fsync", fd);
}

int fdatasync(int fd)
{
    return slow("fdatasync", fd);
}
