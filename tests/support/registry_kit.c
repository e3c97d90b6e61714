/*
 * registry_kit.c - registry files for tests.
 */
#include "support/registry_kit.h"

#include <dirent.h>

void registry_kit_begin(registry_kit *kit)
{
    memset(kit, 0, sizeof *kit);
    kit->folder = od_test_folder();
    (void)snprintf(kit->text, sizeof kit->text, "%s/list.txt", kit->folder);
    (void)snprintf(kit->out, sizeof kit->out, "%s/list.reg", kit->folder);
    (void)snprintf(kit->base, sizeof kit->base, "%s/base.reg", kit->folder);
    (void)snprintf(kit->rejects, sizeof kit->rejects, "%s/rejects.csv",
                   kit->folder);
    kit->paths[0] = kit->text;
    od_registry_build_options_init(&kit->options);
    kit->options.paths = kit->paths;
    kit->options.paths_len = 1;
    kit->options.out_path = kit->out;
    kit->options.name = "us.test";
    kit->options.obtained_utc_ms = REGISTRY_KIT_OBTAINED;
}

void registry_kit_end(registry_kit *kit)
{
    od_test_folder_remove(kit->folder);
}

void registry_kit_write(registry_kit *kit, const char *path, const void *bytes,
                        size_t len)
{
    (void)kit;
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

od_err registry_kit_build(registry_kit *kit, const char *text)
{
    registry_kit_write(kit, kit->text, text, strlen(text));
    return od_registry_build(&kit->options, &kit->info, &kit->errmsg);
}

void registry_kit_builds(registry_kit *kit, const char *text)
{
    if (registry_kit_build(kit, text) != OD_OK) {
        fail_msg("%s", kit->errmsg.text);
    }
    const od_registry_info *i = &kit->info;
    assert_int_equal(i->text_lines, i->added + i->present + i->removed +
                                        i->absent + i->rejected);
}

uint8_t *registry_kit_read(const char *path, size_t *len)
{
    uint8_t *bytes = NULL;
    assert_int_equal(od__file_read(path, 1u << 30, &bytes, len, NULL), OD_OK);
    return bytes;
}

static size_t count_files(const registry_kit *kit, const char *word)
{
    DIR *dir = opendir(kit->folder);
    assert_non_null(dir);
    size_t count = 0;
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        count += e->d_name[0] != '.' && strstr(e->d_name, word) != NULL;
    }
    (void)closedir(dir);
    return count;
}

size_t registry_kit_files(const registry_kit *kit)
{
    return count_files(kit, "");
}

size_t registry_kit_parts(const registry_kit *kit)
{
    return count_files(kit, ".part");
}

void registry_kit_seal(uint8_t *bytes, size_t len)
{
    if (len < OD__REGISTRY_HEADER) {
        return;
    }
    uint32_t tables = od__le32(bytes + 80);
    size_t begin =
        tables <= OD__NANP_CODES
            ? OD__REGISTRY_HEADER + od__registry_directory_bytes(tables)
            : len + 1;
    if (begin <= len) {
        od__sha256(bytes + OD__REGISTRY_HEADER, begin - OD__REGISTRY_HEADER,
                   bytes + 216);
        od__sha256(bytes + begin, len - begin, bytes + 248);
    }
    od__sha256(bytes, 480, bytes + 480);
}
