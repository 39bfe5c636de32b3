use std::borrow::Cow;

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde_json::Value;

/// A field of a change that can also be taken back: left out (`None`) it stays, and null (`Some(None)`) makes it what it is
/// where nobody says anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrNull<T>(pub Option<Option<T>>);

impl<T: Type> Type for OrNull<T> {
    const IS_REQUIRED: bool = false;

    type RawValueType = T::RawValueType;
    type RawElementValueType = T::RawElementValueType;

    fn name() -> Cow<'static, str> {
        format!("{}_or_null", T::name()).into()
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref().merge(MetaSchema { nullable: true, ..MetaSchema::ANY })
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        self.0.as_ref()?.as_ref()?.as_raw_value()
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
        match &self.0 {
            Some(Some(value)) => value.raw_element_iter(),
            Some(None) | None => Box::new(std::iter::empty()),
        }
    }

    fn is_none(&self) -> bool {
        self.0.is_none()
    }
}

impl<T: ParseFromJSON> ParseFromJSON for OrNull<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            None => Ok(Self(None)),
            Some(Value::Null) => Ok(Self(Some(None))),
            Some(value) => {
                T::parse_from_json(Some(value)).map(|value| Self(Some(Some(value)))).map_err(ParseError::propagate)
            }
        }
    }
}

impl<T: ToJSON> ToJSON for OrNull<T> {
    fn to_json(&self) -> Option<Value> {
        self.0.as_ref().map(|value| value.as_ref().and_then(T::to_json).unwrap_or(Value::Null))
    }
}
