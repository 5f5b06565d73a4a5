import { PageNumberPagination } from "core-framework";

export class Standard extends PageNumberPagination {
  override pageSize = 10;
  override pageSizeQueryParam = "page_size";
  override maxPageSize = 100;
}

export class Catalog extends PageNumberPagination {
  override pageSize = 5;
  override pageQueryParam = "p";
}
