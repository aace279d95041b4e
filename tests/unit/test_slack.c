/* Slack, in the virtual world: our adapter against a workspace. */
#include "tests/test.h"
#include "tests/unit/workspace.h"

static const struct world_setup with_owner = {.slack = true, .owner = "slack:T1/U1"};

static void hello(struct world *w)
{
    order(w, "say U1 status");
    TOLD("D1", "I am alive");
    order(w, "slash U1 C1 status");
    TOLD("C1", "I am alive");
    CHECK(w, number_in(w, "envelopes", "acked") == 2);
}

TEST(a_message_and_a_command_are_answered)
{
    SEEDS(&with_owner, hello);
}

MAIN(cmocka_unit_test(a_message_and_a_command_are_answered))
