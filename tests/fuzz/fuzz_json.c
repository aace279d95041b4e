/* json_parse of strangers' bytes: what it accepts can be walked, printed and read again. */
#include "tests/fuzz/fuzz.h"

#include "core/base/json.h"
#include "core/base/utf8.h"

static int depth_of(const cJSON *at)
{
    int deepest = 0;
    for (const cJSON *child = at->child; child; child = child->next)
        deepest = MAX_OF(deepest, depth_of(child));
    return deepest + (cJSON_IsArray(at) || cJSON_IsObject(at));
}

/* Every reader, by a path that is itself from strangers. */
static void read_by_path(const cJSON *tree, const char *path)
{
    int64_t whole;
    double number;
    bool flag;
    const char *text = json_text(tree, path);
    if (text)
        MUST(utf8_valid(text, strlen(text)));
    if (json_i64(tree, path, &whole))
        MUST(whole > -(INT64_C(1) << 53) && whole < INT64_C(1) << 53);
    if (json_number(tree, path, &number))
        MUST(number == number);
    (void)json_flag(tree, path, &flag);
    MUST(!json_array(tree, path) || !json_object(tree, path));
}

static void print_again(const cJSON *tree)
{
    auto_str first = STR_INIT(SIZE_MAX / 2), second = STR_INIT(SIZE_MAX / 2);
    json_print(&first, tree);
    MUST(!strpbrk(first.buf, "\r\n"));
    auto_json again = json_parse(first.buf, first.len, "print", NULL);
    MUST(again);
    json_print(&second, again);
    MUST(!strcmp(first.buf, second.buf));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* "path\0json"; without a NUL all is JSON. */
    const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
    size_t skip = nul ? (size_t)(nul - data) + 1 : 0;
    auto_text path = mem_textn((const char *)data, skip ? skip - 1 : 0);
    auto_text text = mem_textn((const char *)data + skip, size - skip);
    struct err err = ERR_INIT;
    auto_json tree = json_parse(text, size - skip, "fuzz", &err);
    if (!tree) {
        MUST(err.kind == ERR_REMOTE && *err.why);
        return 0;
    }
    MUST(depth_of(tree) <= JSON_DEPTH_MAX);
    MUST(utf8_valid(text, size - skip));
    read_by_path(tree, path);
    read_by_path(tree, "results.venues.0.slots.0.date.start");
    print_again(tree);
    return 0;
}
