/* SPDX-License-Identifier: Apache-2.0 */
/* Being patient: the policy of a thread, and that it has an end. */
#include "test.h"

#include "ledger/patience.h"

#include <sched.h>
#include <time.h>
#include <unistd.h>

static void
sleep_ms(long ms)
{
    const struct timespec time = {.tv_nsec = ms * 1000000};
    nanosleep(&time, NULL);
}

/* However long the machine takes to come to it. */
static bool
is_policy_soon(int policy)
{
    for (int i = 0; i < 1000 && sched_getscheduler(0) != policy; i++) {
        sleep_ms(10);
    }
    return sched_getscheduler(0) == policy;
}

static void
test_patience(void **state)
{
    (void) state;
    struct tt_patience patience;
    tt_patience_init(&patience);
    assert_true(patience.thread > 0);
    for (int i = 0; i < 3; i++) {
        tt_patience_begin(&patience);
        assert_true(is_policy_soon(SCHED_OTHER)); /* it has an end that nobody calls for */
        tt_patience_end(&patience);
        assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
    }
    tt_patience_free(&patience);
    tt_patience_free(&patience);
    tt_patience_begin(&patience);
    assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
    tt_patience_end(&patience);
}

/* The second thread stands still, as it does when it is never late. */
static void
test_patience_is_idle(void **state)
{
    (void) state;
    struct tt_patience patience = {.thread = gettid()};
    tt_patience_begin(&patience);
    assert_int_equal(sched_getscheduler(0), SCHED_IDLE);
    tt_patience_give_way(&patience);
    assert_int_equal(sched_getscheduler(0), SCHED_IDLE);
    tt_patience_end(&patience);
    assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
}

/* Somebody gave the thread a policy of its own. */
static void
test_patience_keeps_policy(void **state)
{
    (void) state;
    const struct sched_param none = {0};
    struct tt_patience patience;
    assert_int_equal(sched_setscheduler(0, SCHED_BATCH, &none), 0);
    tt_patience_init(&patience);
    tt_patience_begin(&patience);
    assert_int_equal(sched_getscheduler(0), SCHED_BATCH);
    tt_patience_end(&patience);
    assert_int_equal(sched_getscheduler(0), SCHED_BATCH);
    tt_patience_free(&patience);
    assert_int_equal(sched_setscheduler(0, SCHED_OTHER, &none), 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patience),
        cmocka_unit_test(test_patience_is_idle),
        cmocka_unit_test(test_patience_keeps_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
