"""What must survive: the tables, the deliveries, the keys; and who may reach them from outside."""

from __future__ import annotations

import json

from tests.infra.assembly import Assembly


def test_both_tables_can_be_restored_expire_items_are_encrypted_and_cannot_be_deleted(aws: Assembly) -> None:
    tables = aws.properties("AWS::DynamoDB::Table").values()
    assert len(tables) == 2
    for table in tables:
        assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
        assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
        assert aws.target(table["SSESpecification"]["KMSMasterKeyId"]) in aws.of("AWS::KMS::Key")
        assert table["DeletionProtectionEnabled"] is True
        assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_both_tables_have_the_keys_and_the_one_index_of_the_store(aws: Assembly) -> None:
    for table in aws.properties("AWS::DynamoDB::Table").values():
        assert [(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]] == [
            ("pk", "HASH"),
            ("sk", "RANGE"),
        ]
        [index] = table["GlobalSecondaryIndexes"]
        assert index["IndexName"] == "index"
        assert [key["AttributeName"] for key in index["KeySchema"]] == ["ipk", "isk"]
        assert index["Projection"] == {"ProjectionType": "ALL"}


def test_only_the_state_streams_what_it_holds_now(aws: Assembly) -> None:
    streams = [table.get("StreamSpecification") for table in aws.properties("AWS::DynamoDB::Table").values()]
    assert sorted(streams, key=str) == [None, {"StreamViewType": "NEW_AND_OLD_IMAGES"}]


def test_removing_the_stack_leaves_all_that_cannot_be_made_again(aws: Assembly) -> None:
    kinds = ("DynamoDB::Table", "S3::Bucket", "KMS::Key", "SecretsManager::Secret", "Cognito::UserPool")
    for kind in kinds:
        for name, resource in aws.of(f"AWS::{kind}").items():
            assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain"), name


def test_deliveries_are_private_encrypted_and_expire(aws: Assembly) -> None:
    [bucket] = aws.properties("AWS::S3::Bucket").values()
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    expiry = {one.get("Prefix"): one.get("ExpirationInDays") for one in bucket["LifecycleConfiguration"]["Rules"]}
    assert expiry == {"raw/": 30, "large/": 15, "csv/": 30, None: None}
    [policy] = aws.properties("AWS::S3::BucketPolicy").values()
    assert policy["PolicyDocument"]["Statement"][0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_keys_rotate(aws: Assembly) -> None:
    assert [key["EnableKeyRotation"] for key in aws.properties("AWS::KMS::Key").values()] == [True, True]


def test_the_hash_key_is_generated_and_known_to_nobody(aws: Assembly) -> None:
    [secret] = aws.properties("AWS::SecretsManager::Secret").values()
    assert secret["GenerateSecretString"]["PasswordLength"] == 64
    assert "SecretString" not in secret


def test_webhooks_have_two_paths_a_kind_and_authorizing_two_without_token_and_all_else_needs_one(aws: Assembly) -> None:
    routes = aws.properties("AWS::ApiGatewayV2::Route").values()
    open_routes = {route["RouteKey"] for route in routes if route.get("AuthorizationType", "NONE") == "NONE"}
    assert open_routes == {
        f"{method} /webhooks/{kind}/{{connection}}{rest}"
        for method in ("GET", "POST")
        for kind in ("crm", "whatsapp", "telephony")
        for rest in ("", "/{token}")
    } | {"GET /oauth/start", "GET /oauth/callback"}
    guarded = {
        route["RouteKey"]: route["AuthorizationType"] for route in routes if route["RouteKey"] not in open_routes
    }
    assert guarded == {"ANY /v1/{proxy+}": "JWT", "ANY /openapi.json": "JWT"}


def test_requests_are_throttled_and_logged_without_path_query_or_address(aws: Assembly) -> None:
    [stage] = aws.properties("AWS::ApiGatewayV2::Stage").values()
    assert stage["DefaultRouteSettings"] == {"ThrottlingBurstLimit": 1000, "ThrottlingRateLimit": 500}
    logged = json.loads(stage["AccessLogSettings"]["Format"])
    assert {"requestId", "route", "status", "latency_ms"} <= set(logged)
    secretive = (
        "$context.path",
        "$context.identity",
        "$context.http.path",
        "$context.authorizer.claims",
        "queryString",
    )
    assert [value for value in logged.values() if value.startswith(secretive)] == []


def test_people_cannot_sign_up_by_themselves_and_need_a_second_factor(aws: Assembly) -> None:
    [pool] = aws.properties("AWS::Cognito::UserPool").values()
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("ON", ["SOFTWARE_TOKEN_MFA"])
    assert pool["DeletionProtection"] == "ACTIVE"


def test_programs_and_people_get_the_same_two_scopes_by_different_grants(aws: Assembly) -> None:
    [server] = aws.properties("AWS::Cognito::UserPoolResourceServer").values()
    assert server["Identifier"] == "renkei"
    assert [scope["ScopeName"] for scope in server["Scopes"]] == ["agent", "admin"]
    grants = sorted(client["AllowedOAuthFlows"] for client in aws.properties("AWS::Cognito::UserPoolClient").values())
    assert grants == [["client_credentials"], ["code"]]
