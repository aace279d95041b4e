#include "bot/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

int key_make(const char *path, struct err *err)
{
    unsigned char key[crypto_secretbox_KEYBYTES];
    char text[2 * sizeof(key) + 2];
    if (sodium_init() < 0)
        return err_set(err, ERR_BUG, NULL, "libsodium does not start");
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return err_set(err, ERR_CONFIG, NULL,
                       "%s is there already and is not overwritten: what it sealed could never be "
                       "read again",
                       path);
    if (fd < 0)
        return err_errno(err, ERR_CONFIG, NULL, "the key file %s cannot be made", path);
    crypto_secretbox_keygen(key);
    sodium_bin2hex(text, sizeof(text), key, sizeof(key));
    text[2 * sizeof(key)] = '\n';
    bool written = write(fd, text, 2 * sizeof(key) + 1) == (ssize_t)(2 * sizeof(key) + 1) &&
                   fsync(fd) == 0;
    sodium_memzero(key, sizeof(key));
    sodium_memzero(text, sizeof(text));
    close(fd);
    if (written)
        return 0;
    err_errno(err, ERR_CONFIG, NULL, "the key file %s cannot be written", path);
    unlink(path);
    return -1;
}

int key_check(const char *path, struct err *err)
{
    struct stat info;
    if (stat(path, &info)) {
        if (errno == ENOENT)
            return key_make(path, err);
        return err_errno(err, ERR_CONFIG, NULL, "security.key_file %s cannot be read", path);
    }
    if (info.st_mode & (S_IRWXG | S_IRWXO))
        return err_set(err, ERR_CONFIG, NULL,
                       "security.key_file %s: others may read it: chmod 600 %s", path, path);
    if (info.st_size != 2 * crypto_secretbox_KEYBYTES + 1)
        return err_set(err, ERR_CONFIG, NULL,
                       "security.key_file %s: that is no key of ours (%lld bytes): put the right "
                       "one back, or move it away and let a new one be made",
                       path, (long long)info.st_size);
    return 0;
}
