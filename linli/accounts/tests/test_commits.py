"""What only real commits show: roll-backs, and races decided by the database."""

from __future__ import annotations

from linli.accounts import actions, rules
from linli.accounts.models import Account, SecondStep, SignInCode
from linli.core.access import Role
from linli.core.tenancy import active
from linli.places.models import SubArea
from linli.places.tests.factories import HOME_CODE, make_community
from tests.helpers import race

from .factories import OPERATOR, make_staff, phone_number
from .test_second_step import digits, enrol

HERE = f"/c/{HOME_CODE}"


def test_the_rollback_reaches_the_database_itself(committed_db, browser):
    here = make_community()
    browser.raise_request_exception = False
    for how in ("422", "raise"):
        assert browser.post(f"{HERE}/write/?name=x&how={how}").status_code >= 400
    with active(here.id):
        assert not SubArea.objects.exists()


def test_sixty_four_guesses_at_once_are_no_more_than_five(committed_db):
    asked = actions.ask_code(phone=phone_number(), address="192.0.2.1")
    wrong = str((int(asked.shown) + 1) % 10**6).zfill(6)

    answers = race(64, lambda _: actions.check_code(code_id=asked.id, digits=wrong))

    kinds = [type(answer).__name__ for answer in answers]
    assert (kinds.count("WrongCode"), kinds.count("CodeSpent")) == (rules.CODE_TRIES, 64 - rules.CODE_TRIES)
    assert SignInCode.objects.get().tries_left == 0


def test_a_code_opens_once_however_many_use_it_together(committed_db):
    asked = actions.ask_code(phone=phone_number(), address="192.0.2.1")

    answers = race(16, lambda _: actions.check_code(code_id=asked.id, digits=asked.shown))

    assert sum(isinstance(answer, Account) for answer in answers) == 1
    assert Account.objects.count() == 1


def test_sixty_four_requests_for_one_phone_send_one_code(committed_db):
    phone = phone_number()

    answers = race(64, lambda i: actions.ask_code(phone=phone, address=f"192.0.2.{i}"))

    assert sum(isinstance(answer, actions.sign_in.AskedCode) for answer in answers) == 1
    assert {type(a).__name__ for a in answers} == {"AskedCode", "CodeTooOften"}
    assert SignInCode.objects.count() == 1


def test_one_address_pumps_no_more_than_its_limit(committed_db):
    phones = [phone_number() for _ in range(64)]

    race(64, lambda i: actions.ask_code(phone=phones[i], address="192.0.2.7"))

    assert SignInCode.objects.count() == rules.PER_ADDRESS[0][0]


def test_the_same_post_granted_twice_at_once_is_held_once(committed_db):
    here, account = make_community(), make_staff()

    answers = race(8, lambda _: actions.grant_post(OPERATOR, account=account, role=Role.SECRETARY, community=here))

    assert sorted(type(answer).__name__ for answer in answers) == ["Post"] + ["PostHeld"] * 7
    assert account.posts.count() == 1


def test_a_burst_of_passwords_gets_no_more_than_the_limit(committed_db, browser, settings):
    from axes.models import AccessAttempt
    from django.test import Client

    make_staff("zhaomin")

    def guess(i: int) -> int:
        typed = {"username": "zhaomin", "password": f"guess {i}"}
        return Client().post("/sign-in/staff/", typed, secure=True).status_code

    statuses = race(24, guess)
    statuses += [guess(i) for i in range(24, 40)]

    assert statuses.count(422) <= settings.AXES_FAILURE_LIMIT, "compared with the password at most that often"
    assert AccessAttempt.objects.get().failures_since_start <= settings.AXES_FAILURE_LIMIT
    assert statuses[-1] == 429


def test_one_of_many_at_once_with_the_same_digits_comes_in(committed_db):
    account = make_staff("raced")
    secret, codes = enrol(account)
    shown = digits(secret)

    answers = race(16, lambda _: actions.check_second(account, typed=shown))

    assert sum(answer == "app" for answer in answers) == 1
    SecondStep.objects.update(wrong=0)
    answers = race(16, lambda _: actions.check_second(account, typed=codes[0]))
    assert sum(answer == "recovery" for answer in answers) == 1


def test_many_wrong_second_steps_at_once_are_five(committed_db):
    account = make_staff("guessed")
    enrol(account)

    answers = race(32, lambda _: actions.check_second(account, typed="ABCDE-FGHJK"))

    kinds = [type(answer).__name__ for answer in answers]
    assert (kinds.count("WrongSecond"), kinds.count("SecondLocked")) == (rules.SECOND_TRIES, 32 - rules.SECOND_TRIES)


def test_two_keepers_posts_granted_at_once_are_one(committed_db):
    account = make_staff("both")
    roles = (Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR)

    answers = race(2, lambda n: actions.grant_post(OPERATOR, account=account, role=roles[n]))

    assert sorted(type(answer).__name__ for answer in answers) == ["KeepersApart", "Post"]
    assert account.posts.count() == 1
