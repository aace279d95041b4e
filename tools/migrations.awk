# db/migrations/NNNN_what.sql → one C literal for each line. A gap in the numbers stops the build.
FNR == 1 {
    if (expected)
        print "    },"
    else
        print "#include \"db/internal.h\"\n\nconst struct migration migrations[] = {"
    expected++
    name = FILENAME
    sub(/.*\//, "", name)
    number = name + 0
    if (number != expected) {
        print FILENAME ": expected number " expected > "/dev/stderr"
        exit failed = 1
    }
    sub(/\.sql$/, "", name)
    print "    {" number ", \"" name "\","
}
{
    gsub(/\\/, "\\\\")
    gsub(/"/, "\\\"")
    print "     \"" $0 "\\n\""
}
END {
    if (!failed)
        print "    },\n};\nconst size_t migrations_count = sizeof(migrations) / sizeof(migrations[0]);"
}
