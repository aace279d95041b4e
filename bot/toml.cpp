#include "bot/toml.h"

#include <cstdio>
#include <string>
#include <toml++/toml.h>

namespace
{

struct walker {
    toml_visit *visit;
    void *ctx;
    bool go_on = true;

    void give(const std::string &path, enum toml_kind kind, bool in_list, const toml::node &node,
              const char *text = "", int64_t integer = 0)
    {
        toml_value value{path.c_str(), kind,    in_list, static_cast<unsigned>(node.source().begin.line),
                         text,         integer};
        go_on = go_on && visit(ctx, &value);
    }

    void value(const std::string &path, const toml::node &node, bool in_list)
    {
        if (const auto *table = node.as_table()) {
            give(path, TOML_SECTION, in_list, node);
            if (!in_list)
                members(path + ".", *table);
        } else if (const auto *array = node.as_array()) {
            if (in_list)
                give(path, TOML_OTHER, true, node);
            else if (array->empty())
                give(path, TOML_EMPTY, true, node);
            for (const auto &item : *array)
                if (go_on && !in_list)
                    value(path, item, true);
        } else if (const auto *text = node.as_string()) {
            bool nul = text->get().find('\0') != std::string::npos; /* C would lose the rest */
            give(path, nul ? TOML_OTHER : TOML_TEXT, in_list, node, nul ? "" : text->get().c_str());
        } else if (const auto *integer = node.as_integer()) {
            give(path, TOML_INTEGER, in_list, node, "", integer->get());
        } else if (const auto *flag = node.as_boolean()) {
            give(path, TOML_FLAG, in_list, node, "", flag->get());
        } else {
            give(path, node.is_floating_point() ? TOML_REAL : TOML_OTHER, in_list, node);
        }
    }

    void members(const std::string &prefix, const toml::table &table)
    {
        for (const auto &[key, node] : table)
            if (go_on)
                value(prefix + std::string(key.str()), node, false);
    }
};

constexpr int PARTS_MAX = 100;

/* The library takes a key of any number of parts, and falls over when it lets go of half a million. */
bool too_deep(const char *text, size_t len, unsigned *line)
{
    int dots = 0;
    *line = 1;
    for (size_t i = 0; i < len && dots <= PARTS_MAX; i++) {
        if (text[i] == '\n') {
            ++*line;
            dots = 0;
        } else if (text[i] == '=' || text[i] == '"' || text[i] == '#') {
            while (i + 1 < len && text[i + 1] != '\n')
                i++;
        } else if (text[i] == '.') {
            dots++;
        }
    }
    return dots > PARTS_MAX;
}

} // namespace

bool toml_walk(const char *text, size_t len, toml_visit *visit, void *ctx, unsigned *line,
               char *why, size_t size)
{
    try {
        if (too_deep(text, len, line)) {
            std::snprintf(why, size, "a key of over %d parts", PARTS_MAX);
            return false;
        }
        toml::table table = toml::parse(std::string_view(text, len));
        walker walk{visit, ctx};
        walk.members("", table);
        return true;
    } catch (const toml::parse_error &fault) {
        *line = static_cast<unsigned>(fault.source().begin.line);
        std::snprintf(why, size, "%s", std::string(fault.description()).c_str());
    } catch (const std::exception &fault) {
        *line = 0;
        std::snprintf(why, size, "%s", fault.what());
    }
    return false;
}
