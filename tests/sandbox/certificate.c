/* Before base.h, which poisons names that OpenSSL's headers use. */
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "core/base/str.h"
#include "tests/sandbox/certificate.h"

static bool add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool added = extension && X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
    return added;
}

/* NULL when OpenSSL refuses. Its own issuer, so that it can be given to --cacert as it is. */
static X509 *certificate_new(EVP_PKEY *key)
{
    X509 *cert = X509_new();
    uint64_t serial = 1;
    RAND_bytes((unsigned char *)&serial, 7);
    X509_set_version(cert, 2);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial | 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -86400);
    X509_gmtime_adj(X509_getm_notAfter(cert), 60L * 86400);
    X509_set_pubkey(cert, key);
    X509_NAME *name = X509_get_subject_name(cert);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"maitred sandbox",
                               -1, -1, 0);
    X509_set_issuer_name(cert, name);
    bool good = add_extension(cert, NID_basic_constraints, "critical,CA:TRUE") &&
                add_extension(cert, NID_key_usage,
                              "critical,digitalSignature,keyEncipherment,keyCertSign") &&
                add_extension(cert, NID_ext_key_usage, "serverAuth") &&
                add_extension(cert, NID_subject_key_identifier, "hash") &&
                add_extension(cert, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost") &&
                X509_sign(cert, key, EVP_sha256());
    if (good)
        return cert;
    X509_free(cert);
    return NULL;
}

static FILE *file_open(const char *dir, const char *name, struct err *err)
{
    auto_str path = STR_INIT(4096);
    str_addf(&path, "%s/%s", dir, name);
    int fd = open(path.buf, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        err_errno(err, ERR_STORE, NULL, "%s", path.buf);
    return fd < 0 ? NULL : fdopen(fd, "w");
}

static int write_key(const char *dir, EVP_PKEY *key, struct err *err)
{
    FILE *file = file_open(dir, "key.pem", err);
    if (!file)
        return -1;
    bool good = PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    good = !fclose(file) && good;
    return good ? 0 : err_set(err, ERR_STORE, NULL, "key.pem was not written");
}

static int write_certificate(const char *dir, X509 *cert, struct err *err)
{
    FILE *file = file_open(dir, "cert.pem", err);
    if (!file)
        return -1;
    bool good = PEM_write_X509(file, cert);
    good = !fclose(file) && good;
    return good ? 0 : err_set(err, ERR_STORE, NULL, "cert.pem was not written");
}

int certificate_write(const char *dir, struct err *err)
{
    EVP_PKEY *key = EVP_EC_gen("P-256"); /* RSA handshakes are ten times as dear for the server */
    X509 *cert = key ? certificate_new(key) : NULL;
    int result = -1;
    if (!cert)
        err_set(err, ERR_BUG, NULL, "OpenSSL made no certificate");
    else if (!write_key(dir, key, err))
        result = write_certificate(dir, cert, err);
    X509_free(cert);
    EVP_PKEY_free(key);
    return result;
}
