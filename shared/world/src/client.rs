//! The in-process way in: an HTTP client for the SDK, whose other end is the world itself.

use std::fmt;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::BodyExt;

use crate::World;
use crate::body::Arriving;
use crate::wire::Answer;

#[derive(Clone)]
pub(crate) struct InProcess(pub World);

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl HttpClient for InProcess {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let world = self.0.clone();
        HttpConnectorFuture::new(async move { exchange(&world, request).await })
    }
}

async fn exchange(world: &World, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let user = |error: Box<dyn std::error::Error + Send + Sync>| ConnectorError::user(error);
    let (parts, body) = request.try_into_http1x().map_err(|error| user(error.into()))?.into_parts();
    let body: Bytes = body.collect().await.map_err(user)?.to_bytes();
    world.take_turns().await;
    match world.answer(&http::Request::from_parts(parts, body)) {
        Answer::Response(response) => {
            HttpResponse::try_from(response.map(SdkBody::from)).map_err(|e| user(e.into()))
        }
        Answer::Broken(response) => {
            let broken = |bytes| SdkBody::from_body_1_x(Arriving::broken(bytes));
            HttpResponse::try_from(response.map(broken)).map_err(|e| user(e.into()))
        }
        Answer::Unreachable => Err(ConnectorError::io("connection refused".into())),
        Answer::Killed => std::future::pending().await,
        Answer::TimedOut => Err(ConnectorError::timeout("no response in time".into())),
    }
}
