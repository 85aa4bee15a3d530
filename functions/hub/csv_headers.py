"""A file's headers -> our fields, as a first guess for people to correct: English, Japanese, HubSpot's, Salesforce's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

ID, UPDATED_AT = "id", "updated_at"

# Our field -> how headers call it, folded (see `folded`).
WORDS: Mapping[str, tuple[str, ...]] = {
    ID: ("id", "recordid", "contactid", "externalid", "customerid", "customernumber", "顧客id", "顧客番号", "顧客コード", "管理番号", "会員番号", "コンタクトid", "取引先責任者id", "レコードid"),
    UPDATED_AT: ("updatedat", "updated", "lastmodified", "lastmodifieddate", "lastmodifiedtime", "modified", "modifiedat", "systemmodstamp", "lastactivitydate", "更新日", "更新日時", "最終更新日", "最終更新日時", "最終更新"),
    "name": ("name", "fullname", "contactname", "customername", "名前", "氏名", "お名前", "顧客名", "担当者名", "取引先責任者名"),
    "first_name": ("firstname", "givenname", "forename", "名", "名前名", "下の名前"),
    "last_name": ("lastname", "surname", "familyname", "姓", "名字", "苗字"),
    "email": ("email", "emailaddress", "mail", "mailaddress", "eメール", "メール", "メールアドレス", "電子メール", "eメールアドレス"),
    "phone": ("phone", "phonenumber", "telephone", "telephonenumber", "tel", "businessphone", "workphone", "電話", "電話番号", "固定電話", "代表電話", "連絡先"),
    "mobile": ("mobile", "mobilephone", "mobilephonenumber", "mobilenumber", "cell", "cellphone", "携帯", "携帯電話", "携帯番号", "携帯電話番号"),
    "title": ("title", "jobtitle", "position", "role", "役職", "肩書", "肩書き", "職種"),
    "company": ("company", "companyname", "associatedcompany", "account", "accountname", "organization", "organisation", "employer", "会社", "会社名", "勤務先", "法人名", "取引先名", "企業名"),
    "lifecycle": ("lifecycle", "lifecyclestage", "ライフサイクルステージ"),
    "language": ("language", "preferredlanguage", "locale", "言語"),
    "website": ("website", "websiteurl", "url", "homepage", "ウェブサイト", "ホームページ", "webサイト"),
    "street": ("street", "streetaddress", "address", "addressline1", "mailingstreet", "番地", "住所", "町名番地"),
    "city": ("city", "town", "mailingcity", "市", "市区町村", "市区郡"),
    "region": ("region", "state", "stateregion", "province", "prefecture", "mailingstate", "mailingstateprovince", "都道府県"),
    "postal_code": ("postalcode", "zip", "zipcode", "postcode", "mailingpostalcode", "mailingzippostalcode", "郵便番号"),
    "country": ("country", "countryregion", "mailingcountry", "国"),
    "tags": ("tags", "labels", "タグ"),
    "owner": ("owneremail", "所有者メール"),
    "consent_email": ("emailconsent", "emailoptin", "メール配信許可", "メルマガ許可"),
    "consent_sms": ("smsconsent", "smsoptin"),
    "consent_whatsapp": ("whatsappconsent", "whatsappoptin"),
    "consent_call": ("callconsent", "calloptin"),
}  # fmt: skip
TARGETS = tuple(WORDS)
_BY_WORD = {word: target for target, words in WORDS.items() for word in words}
_FILLING = re.compile(r"[\s_\-.:*()（）【】\[\]/・／'\"]+")


def folded(header: str) -> str:
    """A header without what programs put around its words."""
    return _FILLING.sub("", unicodedata.normalize("NFKC", header).casefold())


def guess(headers: Sequence[str]) -> list[str | None]:
    """Our field of each column, None where it is left out; of two columns for one field the first is taken."""
    taken: set[str] = set()
    found: list[str | None] = []
    for header in headers:
        target = _BY_WORD.get(folded(header))
        found.append(target if target not in taken else None)
        taken |= {target} if target else set()
    return found


def complaint(headers: Sequence[str], mapping: Sequence[str | None]) -> str | None:
    """Why a mapping cannot be used, as a sentence; None where it can."""
    chosen = [one for one in mapping if one is not None]
    if len(mapping) != len(headers):
        return f"The file has {len(headers)} columns, and {len(mapping)} are mapped."
    if unknown := sorted(set(chosen) - set(TARGETS) - {one for one in chosen if is_custom(one)}):
        return f"There is no field {unknown[0]}; known are {', '.join(TARGETS)}, and x_… for your own."
    if twice := sorted({one for one in chosen if chosen.count(one) > 1}):
        return f"The field {twice[0]} is mapped twice."
    if not {ID, "email", "phone", "mobile"} & set(chosen):
        return "No column tells people apart: map an id, an e-mail address or a phone number."
    return None


def is_custom(field: str) -> bool:
    """Whether it is a field of the company's own."""
    return re.fullmatch(r"x_[a-z0-9_]{1,60}", field) is not None
