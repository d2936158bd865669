/** The body of a request: JSON, or YAML where Kubernetes takes it. Protobuf has become JSON before (http/connection.ts); CBOR is refused. */
import { parseDocument } from 'yaml';
import { isObject } from '../json.ts';
import { ApiError, badRequest } from '../status.ts';
import type { ApiRequest, Json } from '../types.ts';

const JSON_TYPE = 'application/json';
const YAML_TYPE = 'application/yaml';

/** The media type, without its parameters. */
export const mediaTypeOf = (request: ApiRequest): string =>
  (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

export const unsupportedMediaType = (accepted: readonly string[]): ApiError =>
  new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );

/** The value of a body. @throws ApiError 400 where it is none, 415 for another media type */
export function parseBody(request: ApiRequest): unknown {
  const media = mediaTypeOf(request);
  if (media === '' || media === JSON_TYPE) return parseJson(request.body);
  if (media === YAML_TYPE) return parseYaml(request.body);
  throw unsupportedMediaType([JSON_TYPE, YAML_TYPE]);
}

/** @throws ApiError 400 where the body is no object */
export function parseObject(request: ApiRequest): Json {
  const value = parseBody(request);
  if (!isObject(value)) throw badRequest('the body of the request must be an object');
  return value;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`the body of the request is no JSON: ${(error as Error).message}`);
  }
}

/** YAML of one document. Aliases are bounded, so that a small text cannot become a huge value. */
export function parseYaml(text: string): unknown {
  const document = parseDocument(text, { uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) throw badRequest(`the body of the request is no YAML: ${error.message}`);
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw badRequest(`the body of the request is no YAML: ${(cause as Error).message}`);
  }
}
