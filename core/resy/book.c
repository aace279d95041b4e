/* Details, booking, the account's reservations, cancelling. */
#include "core/resy/internal.h"

#include "core/base/utf8.h"

#define BOOK_PATIENCE_MS 30000
#define LISTED           50

/* --- what several of them share --- */

/* "2031-05-08T23:15:00Z" as UTC ms; 0: not there, or not one. */
static int64_t instant(const cJSON *at, const char *path)
{
    const char *text = json_text_or(at, path, "");
    char day[11] = "", clock[6] = "";
    struct date date;
    if (strlen(text) < 17 || text[10] != 'T')
        return 0;
    memcpy(day, text, 10);
    memcpy(clock, text + 11, 5);
    int minute = clock_parse(clock);
    return minute < 0 || date_parse(day, &date) ? 0 : date_days(date) * DAY_MS + minute * MINUTE_MS;
}

/* Everything but letters, digits, and what no reader of forms or addresses changes. */
static void add_encoded(struct str *out, const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    for (; *text; text++)
        if (strchr(plain, *text))
            str_addc(out, *text);
        else
            str_addf(out, "%%%02X", (unsigned char)*text);
}

static void add_field(struct str *out, const char *name, const char *value)
{
    str_addf(out, "%s%s=", out->len ? "&" : "", name);
    add_encoded(out, value);
}

/* All of it is the account's: what is refused is the token, and not the key. */
static int no_answer(struct err *err)
{
    return err && err->kind == ERR_DENIED
               ? err_say(err, "Resy refuses your token, so I can neither book nor read your "
                              "account: log in at resy.com again, and put the new one into "
                              "resy.auth_token.")
               : -1;
}

/* --- details --- */

void resy_terms_free(struct resy_terms *terms)
{
    if (terms->book_token)
        explicit_bzero(terms->book_token, strlen(terms->book_token));
    free(terms->book_token);
    terms->book_token = NULL;
}

static int64_t card_in(const cJSON *tree)
{
    const cJSON *item;
    int64_t first = 0;
    cJSON_ArrayForEach(item, json_array(tree, "user.payment_methods"))
    {
        bool usual = false;
        int64_t id = json_i64_or(item, "id", 0);
        json_flag(item, "is_default", &usual);
        if (usual && id > 0)
            return id;
        first = first ? first : id;
    }
    return first;
}

int resy_details_parse(const cJSON *tree, struct resy_terms *ret, struct err *err)
{
    double total;
    *ret = (struct resy_terms){0};
    if (!json_number(tree, "payment.amounts.total", &total)) /* silence is no "free" */
        return err_set(err, ERR_REMOTE, NULL, "no price in it");
    ret->total_cents = resy_cents(tree, "payment.amounts.total");
    ret->fee_cents = resy_cents(tree, "cancellation.fee.amount");
    ret->fee_from_ms = instant(tree, "cancellation.fee.date_cut_off");
    ret->refund_until_ms = instant(tree, "cancellation.refund.date_cut_off");
    ret->card_id = card_in(tree);
    utf8_copy(ret->currency, sizeof(ret->currency), json_text_or(tree, "locale.currency", "USD"));
    const cJSON *policy = json_array(tree, "cancellation.display.policy");
    if (cJSON_GetArraySize(policy) > 0 && cJSON_IsString(policy->child))
        utf8_copy(ret->policy, sizeof(ret->policy), policy->child->valuestring);
    if (json_text(tree, "book_token.value"))
        ret->book_token = mem_text(json_text(tree, "book_token.value"));
    return 0;
}

int resy_details(struct resy *resy, const struct resy_ask *ask, const char *table_token,
                 struct date day, int party, bool commit, struct resy_terms *ret, struct err *err)
{
    char text[DATE_TEXT];
    auto_str body = STR_INIT(2000);
    auto_json asked = cJSON_CreateObject();
    *ret = (struct resy_terms){0};
    cJSON_AddStringToObject(asked, "config_id", table_token);
    cJSON_AddStringToObject(asked, "day", date_text(day, text));
    json_put_i64(asked, "party_size", party);
    json_put_i64(asked, "commit", commit);
    json_print(&body, asked);
    auto_json tree = resy_call(resy, ask, "/3/details", body.buf, NULL, err);
    if (!tree)
        return no_answer(err);
    struct err parse = ERR_INIT;
    if (resy_details_parse(tree, ret, &parse))
        return resy_fail(ask, RESY_SHAPE, 0, err, "details: %s", parse.why);
    if (!commit || (ret->book_token && *ret->book_token))
        return 0;
    resy_terms_free(ret);
    return resy_fail(ask, RESY_SHAPE, 0, err, "details: no token to book with");
}

/* --- booking --- */

/* Why there is none, for the log and the person. A 403 is about the payment or the permission here,
 * and not about our address. */
static void say_no(struct resy *resy, const struct resy_ask *ask, const struct http_answer *answer,
                   struct err *err)
{
    int status = answer->status;
    if (status == 401 || status == 419 || status == 429 || status >= 500) {
        resy_refused(resy, ask, answer, err);
        no_answer(err);
    } else {
        err_set(err, ERR_REMOTE, "Resy refuses it.", "resy: http %d", status);
    }
}

/* 412 is the account's own conflict where the body names the other reservation. */
static void read_conflict(const cJSON *tree, struct resy_booked *ret)
{
    bool named = json_object(tree, "specs") || json_object(tree, "venue");
    ret->outcome = named ? RESY_CONFLICT : RESY_GONE;
    utf8_copy(ret->other_venue, sizeof(ret->other_venue), json_text_or(tree, "venue.name", ""));
    utf8_copy(ret->other_day, sizeof(ret->other_day), json_text_or(tree, "specs.day", ""));
    utf8_copy(ret->other_time, 6, json_text_or(tree, "specs.time_slot", ""));
}

void resy_book_judge(int status, const char *body, size_t len, struct resy_booked *ret)
{
    auto_json tree = json_parse(body, len, "an answer", NULL);
    *ret = (struct resy_booked){.outcome = RESY_REFUSED};
    ret->reservation_id = json_i64_or(tree, "reservation_id", 0);
    if (status >= 200 && status < 300)
        ret->outcome = ret->reservation_id > 0 || json_text(tree, "resy_token") ? RESY_DONE
                                                                                : RESY_UNCLEAR;
    else if (status == 404)
        ret->outcome = RESY_GONE;
    else if (status == 412)
        read_conflict(tree, ret);
    else if (status == 402)
        ret->outcome = RESY_CARD;
    else if (status < 400 || status >= 500 || status == 408)
        ret->outcome = RESY_UNCLEAR;
}

void resy_book(struct resy *resy, const struct resy_ask *ask, const struct resy_terms *terms,
               struct resy_booked *ret, struct err *err)
{
    auto_str form = STR_INIT(20000);
    auto_answer answer = HTTP_ANSWER_INIT;
    add_field(&form, "book_token", terms->book_token);
    if (terms->card_id > 0) { /* also where nothing is due: some tables want one on file */
        char card[48];
        snprintf(card, sizeof(card), "{\"id\":%lld}", (long long)terms->card_id);
        add_field(&form, "struct_payment_method", card);
    }
    add_field(&form, "source_id", "resy.com-venue-details");
    add_field(&form, "venue_marketing_opt_in", "0");
    const struct resy_request request = {.path = "/3/book",
                                         .body = form.buf,
                                         .form = true,
                                         .once = true,
                                         .patience_ms = BOOK_PATIENCE_MS};
    *ret = (struct resy_booked){.outcome = RESY_REFUSED};
    if (form.cut) {
        resy_fail(ask, RESY_SHAPE, 0, err, "a token of over %zu bytes", form.max);
    } else if (resy_exchange(resy, ask, &request, &answer, err)) {
        ret->outcome = answer.begun ? RESY_UNCLEAR : RESY_REFUSED;
    } else {
        resy_book_judge(answer.status, answer.body.buf, answer.body.len, ret);
        if (ret->outcome != RESY_DONE)
            say_no(resy, ask, &answer, err);
    }
    explicit_bzero(form.buf, form.len);
}

/* --- reservations --- */

void resy_reservations_free(struct resy_reservations *reservations)
{
    if (reservations->list)
        explicit_bzero(reservations->list, reservations->count * sizeof(*reservations->list));
    free(reservations->list);
    *reservations = (struct resy_reservations){0};
}

static bool read_reservation(const cJSON *item, const cJSON *venues, struct resy_reservation *ret)
{
    char key[24];
    struct date date;
    *ret = (struct resy_reservation){.may_cancel = true};
    if (!json_i64(item, "reservation_id", &ret->id) || ret->id <= 0 ||
        !json_i64(item, "venue.id", &ret->venue_id) || ret->venue_id <= 0)
        return false;
    ret->party = json_i64_or(item, "num_seats", 0);
    resy_copy(ret->day, sizeof(ret->day), item, "day");
    utf8_copy(ret->time, 6, json_text_or(item, "time_slot", ""));
    if (date_parse(ret->day, &date) || clock_parse(ret->time) < 0)
        return false;
    snprintf(key, sizeof(key), "%lld", (long long)ret->venue_id);
    const cJSON *venue = cJSON_GetObjectItemCaseSensitive(venues, key);
    utf8_copy(ret->venue, sizeof(ret->venue), json_text_or(venue, "name", "a restaurant"));
    utf8_copy(ret->seating, sizeof(ret->seating), json_text_or(item, "config.type", ""));
    utf8_copy(ret->currency, sizeof(ret->currency), json_text_or(item, "venue.currency", ""));
    json_flag(item, "cancellation.allowed", &ret->may_cancel);
    json_flag(item, "cancellation.fee.applies", &ret->fee_applies);
    ret->fee_cents = resy_cents(item, "cancellation.fee.amount");
    ret->fee_from_ms = instant(item, "cancellation.fee.date_cut_off");
    ret->refund_until_ms = instant(item, "cancellation.date_refund_cut_off");
    const char *token = json_text_or(item, "resy_token", "");
    if (strlen(token) < sizeof(ret->token))
        memcpy(ret->token, token, strlen(token) + 1);
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct resy_reservation *x = a, *y = b;
    int order = strcmp(x->day, y->day);
    return order ? order : strcmp(x->time, y->time);
}

int resy_reservations_parse(const cJSON *tree, struct resy_reservations *ret, struct err *err)
{
    const cJSON *list = json_array(tree, "reservations"), *item;
    *ret = (struct resy_reservations){0};
    if (!list)
        return err_set(err, ERR_REMOTE, NULL, "no list of reservations");
    size_t count = (size_t)cJSON_GetArraySize(list);
    ret->list = mem_new(MIN_OF(count, (size_t)RESY_RESERVATIONS_MAX) + 1, sizeof(*ret->list));
    int64_t total; /* without it, a full page may be one of several */
    ret->complete = json_i64(tree, "metadata.total", &total) ? total <= (int64_t)count
                                                             : count < LISTED;
    cJSON_ArrayForEach(item, list)
    {
        if (ret->count == RESY_RESERVATIONS_MAX) {
            ret->complete = false;
            break;
        }
        if (read_reservation(item, json_object(tree, "venues"), &ret->list[ret->count]))
            ret->count++;
        else
            ret->complete = false; /* there is one that we know nothing of */
    }
    if (ret->count)
        qsort(ret->list, ret->count, sizeof(*ret->list), by_time);
    return 0;
}

int resy_reservations(struct resy *resy, const struct resy_ask *ask, struct resy_reservations *ret,
                      struct err *err)
{
    auto_str path = STR_INIT(200);
    *ret = (struct resy_reservations){0};
    str_addf(&path, "/3/user/reservations?limit=%d&offset=1&type=upcoming&book_on_behalf_of=false",
             LISTED);
    auto_json tree = resy_call(resy, ask, path.buf, NULL, NULL, err);
    if (!tree)
        return no_answer(err);
    struct err parse = ERR_INIT;
    if (resy_reservations_parse(tree, ret, &parse))
        return resy_fail(ask, RESY_SHAPE, 0, err, "reservations: %s", parse.why);
    return 0;
}

/* --- cancelling --- */

enum resy_outcome resy_cancel(struct resy *resy, const struct resy_ask *ask, const char *token,
                              bool *ret_refund, struct err *err)
{
    auto_str form = STR_INIT(2000);
    auto_answer answer = HTTP_ANSWER_INIT;
    add_field(&form, "resy_token", token);
    const struct resy_request request = {.path = "/3/cancel",
                                         .body = form.buf,
                                         .form = true,
                                         .once = true,
                                         .patience_ms = BOOK_PATIENCE_MS};
    *ret_refund = false;
    if (resy_exchange(resy, ask, &request, &answer, err))
        return answer.begun ? RESY_UNCLEAR : RESY_REFUSED;
    int status = answer.status;
    if (status >= 200 && status < 300) { /* no client knows more of its shape than this */
        auto_json tree = json_parse(answer.body.buf, answer.body.len, "an answer", NULL);
        *ret_refund = json_i64_or(tree, "payment.transaction.refund", 0) > 0;
        if (cJSON_IsObject(tree))
            return RESY_DONE;
    }
    say_no(resy, ask, &answer, err);
    if (status == 404)
        return RESY_GONE;
    return status >= 400 && status < 500 && status != 408 ? RESY_REFUSED : RESY_UNCLEAR;
}
